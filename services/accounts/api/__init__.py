"""How accounts is asked over HTTP: one module per resource."""
