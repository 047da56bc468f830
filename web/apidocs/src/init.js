// A file of its own and not a script in the page, so that the page needs no leave for inline scripts.
SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#document',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // else the document's address is sent to a public validator
})
