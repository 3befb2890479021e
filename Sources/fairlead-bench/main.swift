print("fairlead-bench")
