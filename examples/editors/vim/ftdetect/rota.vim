autocmd BufRead,BufNewFile *.scn set filetype=rota
