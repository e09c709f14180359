"""WHAT IS ANSWERED AND DONE: what each read field means, who may see and do what, and one plain function for each mutation."""
