"""What happens by the clock: batch flows over indexed due rows, each run recorded in Prefect."""
