"""Plans: what an action would do, or why it cannot. Pure: nothing is asked of AWS and nothing is written."""
