print("fairlead-gateway")
