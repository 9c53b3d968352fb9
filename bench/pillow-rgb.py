"""Writes the first picture of a file as a PPM of 8-bit sRGB on white, as Pillow decodes it.

python3 bench/pillow-rgb.py FILE OUT.ppm
"""
import io
import sys

from PIL import Image, ImageCms

picture = Image.open(sys.argv[1])
profile = picture.info.get("icc_profile")
if profile and picture.mode in ("RGB", "L", "CMYK"):
    picture = ImageCms.profileToProfile(
        picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
if picture.mode in ("P", "LA", "PA", "RGBa") or "transparency" in picture.info:
    picture = picture.convert("RGBA")
if picture.mode == "RGBA":
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
picture.convert("RGB").save(sys.argv[2])
