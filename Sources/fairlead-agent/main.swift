print("fairlead-agent")
