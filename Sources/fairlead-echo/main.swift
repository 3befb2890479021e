print("fairlead-echo")
