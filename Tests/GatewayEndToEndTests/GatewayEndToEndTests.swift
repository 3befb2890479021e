// GatewayEndToEnd
