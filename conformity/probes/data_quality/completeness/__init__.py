"""How complete a table is: missing cells per column, and per group."""
