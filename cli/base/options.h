/* What the commands have in common on their command lines. */
#ifndef ROTA_CLI_BASE_OPTIONS_H
#define ROTA_CLI_BASE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/base/driver_loop.h"
#include "cli/base/screen.h"

struct rota_embedded_tree;

/* Where ZooKeeper is and how to speak to it. */
struct rota_options {
    const char *zk;                  /* connect string; NULL: none was given */
    struct rota_embedded_tree *tree; /* stands for it, borrowed; NULL: there is none */
    uint32_t session_ms;
    uint32_t connect_ms; /* give up if no server answers in this time; 0: never */
    bool trace;          /* print the trace on standard error */
    bool verbose;        /* that, and what the client library has to say */
};

/* The parser of these options, a child of a command's own; its input is a struct rota_options,
 * which it fills with the defaults first. */
extern const struct argp rota_options_argp;

/* Ends the command with a sentence and status 2 if no server list was given. */
void rota_options_need_zk(const struct argp_state *state, const struct rota_options *o);

/* A duration such as 500ms, 10s, 2m, 1h or 7d, in milliseconds. Ends the command with a sentence if
 * it is none or not within the bounds; `option` is what to call it. */
int64_t rota_options_duration(const struct argp_state *state, const char *option, const char *text,
                              int64_t least_ms, int64_t most_ms);

/* A whole number; likewise. */
int64_t rota_options_integer(const struct argp_state *state, const char *option, const char *text,
                             int64_t least, int64_t most);
uint32_t rota_options_number(const struct argp_state *state, const char *option, const char *text,
                             uint32_t least, uint32_t most);

/* A name that can be a znode's; likewise. Returns `text`. */
const char *rota_options_name(const struct argp_state *state, const char *option, const char *text,
                              size_t most);

/* The names that are left on the command line, each checked likewise; one that is given again
 * counts once. Ends with NULL; these are the state's own arguments, moved together. */
char **rota_options_names(const struct argp_state *state, const char *option, size_t most);

/* Parses a command line whose first word is the command's whole name, such as "rota run". Wrong
 * usage ends the program with a sentence and status 2. */
void rota_options_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Looks the servers up. False with a sentence on the screen if the list cannot be used. */
bool rota_options_check(const struct rota_options *o, struct rota_screen *screen);

/* The session layer's configuration. */
struct rota_session_config rota_options_session(const struct rota_options *o, bool lease);

/* A handle on ZooKeeper or the embedded tree, not yet open, that wakes the process. NULL with a
 * sentence on the screen if there is no memory or the list is wrong. */
struct rota_backend *rota_options_connect(const struct rota_options *o, struct rota_driver_loop *p,
                                          struct rota_screen *screen);

/* Says why a process gave up, if it did and there is something to say. */
void rota_options_explain(const struct rota_options *o, const struct rota_driver *driver,
                          struct rota_screen *screen);

/* Writes what names this process: "host pid" for a master, "host/pid" for a worker, and with a
 * prefix "prefix-host-pid". */
void rota_options_address(char *text, size_t size);
void rota_options_place(char *text, size_t size);
void rota_options_own_name(char *text, size_t size, const char *prefix);

#endif
