/** The bundler turns an imported picture into its address. */
declare module '*.webp' {
  const url: string;
  export default url;
}
