/* Command line options that the commands share, and the reading of option values. */
#ifndef ROTA_CLI_BASE_OPTIONS_H
#define ROTA_CLI_BASE_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/base/driver_loop.h"
#include "cli/base/screen.h"

struct rota_embedded_tree;

/* Where ZooKeeper is and how to connect to it. */
struct rota_options {
    const char *zk;                  /* connect string; NULL: none was given */
    struct rota_embedded_tree *tree; /* used instead of ZooKeeper, borrowed; NULL: none */
    uint32_t session_ms;
    uint32_t connect_ms; /* give up if no server answers within this time; 0: never */
    bool trace;          /* print the trace on standard error */
    bool verbose;        /* print the trace and the client library's warnings */
};

/* The parser of these options, to be a child of a command's parser. Its input is a struct
 * rota_options, which it first fills with the defaults. */
extern const struct argp rota_options_argp;

/* Ends the program with a sentence and status 2 if no server list was given. */
void rota_options_need_zk(const struct argp_state *state, const struct rota_options *o);

/* Reads a duration such as 500ms, 10s, 2m, 1h or 7d into milliseconds. Ends the program with a
 * sentence and status 2 if it is not a duration or out of bounds; `option` names it in the
 * sentence.
 */
int64_t rota_options_duration(const struct argp_state *state, const char *option, const char *text,
                              int64_t least_ms, int64_t most_ms);

/* Reads a whole number, with the same errors. */
int64_t rota_options_integer(const struct argp_state *state, const char *option, const char *text,
                             int64_t least, int64_t most);
uint32_t rota_options_number(const struct argp_state *state, const char *option, const char *text,
                             uint32_t least, uint32_t most);

/* Checks a name that is to be the name of a znode, with the same errors. Returns `text`. */
const char *rota_options_name(const struct argp_state *state, const char *option, const char *text,
                              size_t most);

/* Takes the remaining words of the command line as names and checks each. A name that is given
 * twice counts once. The result ends with NULL; it is the state's own array, with gaps closed. */
char **rota_options_names(const struct argp_state *state, const char *option, size_t most);

/* Parses a command line whose first word is the full name of the command, such as "rota run". Wrong
 * usage ends the program with a sentence and status 2. */
void rota_options_parse(const struct argp *argp, int argc, char **argv, void *input);

/* Resolves the names of the servers. False, with a sentence on the screen, if the list is not
 * usable.
 */
bool rota_options_check(const struct rota_options *o, struct rota_screen *screen);

/* Returns the configuration of the session layer. */
struct rota_session_config rota_options_session(const struct rota_options *o, bool lease);

/* Makes a handle on ZooKeeper or the embedded tree, not yet open, that wakes the driver loop. NULL,
 * with a sentence on the screen, if the client library cannot make one. */
struct rota_backend *rota_options_connect(const struct rota_options *o, struct rota_driver_loop *d,
                                          struct rota_screen *screen);

/* Prints the sentence with which a role gave up, if it did. */
void rota_options_explain(const struct rota_options *o, const struct rota_driver *driver,
                          struct rota_screen *screen);

#endif
