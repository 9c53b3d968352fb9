"""What a Python program does with boto3 and its default settings: one function a command."""

import os
import sys

import boto3


def upload(s3, name, folder):
    """Uploads every file of a folder."""
    for root, _, files in os.walk(folder):
        for file in files:
            path = os.path.join(root, file)
            s3.Bucket(name).upload_file(path, os.path.relpath(path, folder))


def download(s3, name, folder):
    """Downloads every object of a bucket."""
    for item in s3.Bucket(name).objects.all():
        path = os.path.join(folder, item.key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        s3.Bucket(name).download_file(item.key, path)


def list_keys(s3, name):
    """Prints the number of keys as four ways of listing find it, in small pages."""
    bucket = s3.Bucket(name)
    print(sum(1 for _ in bucket.objects.all()))
    print(sum(1 for _ in bucket.objects.page_size(7)))
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.meta.client.get_paginator(operation).paginate(
            Bucket=name, PaginationConfig={"PageSize": 100}
        )
        print(sum(len(page.get("Contents", [])) for page in pages))


def move(s3, name, old, new):
    """Copies an object, in parts if it is large, and deletes the original."""
    s3.Bucket(name).copy({"Bucket": name, "Key": old}, new)
    s3.Object(name, old).delete()


def put(s3, name, path, key):
    """Uploads one file."""
    s3.Bucket(name).upload_file(path, key)


def delete(s3, name, *keys):
    """Deletes several objects with one request."""
    answer = s3.Bucket(name).delete_objects(
        Delete={"Objects": [{"Key": key} for key in keys]}
    )
    assert "Errors" not in answer, answer


def describe(s3, name, key):
    """Asks everything about one object and its bucket that boto3 has a resource for."""
    item = s3.Object(name, key)
    assert item.Acl().grants[0]["Permission"] == "FULL_CONTROL"
    assert item.Version("null").head()["ContentLength"] == item.content_length
    assert item.get(Range="bytes=-2")["Body"].read() == item.get()["Body"].read()[-2:]
    bucket = s3.Bucket(name)
    assert list(bucket.multipart_uploads.all()) == []
    assert bucket.Acl().owner["ID"]
    assert bucket.Notification().queue_configurations is None
    assert bucket.Versioning().status is None


def make(s3, name):
    """Creates a bucket."""
    s3.create_bucket(Bucket=name)


def remove(s3, name):
    """Deletes all objects of a bucket, and the bucket."""
    s3.Bucket(name).objects.all().delete()
    s3.Bucket(name).delete()


if __name__ == "__main__":
    endpoint, command, *arguments = sys.argv[1:]
    globals()[command](
        boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1"), *arguments
    )
