"""WHAT IS ANSWERED AND DONE: what each field means, who may see what, and one plain function for each mutation."""
