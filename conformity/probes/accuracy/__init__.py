"""How often is the system right, for everybody and for each group?"""
