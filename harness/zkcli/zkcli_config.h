/* How a zkCli session is set up: its backend, its name, and where its text goes. */
#ifndef ROTA_HARNESS_ZKCLI_ZKCLI_CONFIG_H
#define ROTA_HARNESS_ZKCLI_ZKCLI_CONFIG_H

#include "model/seam/backend.h"

enum rota_zkcli_stream {
    ROTA_ZKCLI_OUT, /* answers and events */
    ROTA_ZKCLI_ERR, /* errors, notes, and "Created ..." */
};

/* Takes printed text, which is borrowed for the call and may hold NUL bytes. It must not call the
 * session. */
typedef void (*rota_zkcli_print_f)(void *context, enum rota_zkcli_stream stream, const char *text,
                                   size_t length);

/* Makes a backend for other servers and destroys the old one. NULL: it failed, and has printed why.
 */
typedef struct rota_backend *(*rota_zkcli_connect_f)(void *context, const char *hosts);

struct rota_zkcli_config {
    struct rota_backend *backend; /* borrowed; no handle is open on it */
    const char *name; /* in the prompt: the server list, or the name of the session; copied */
    bool old; /* the output of ZooKeeper 3.4: `get` prints the stat too, and `ls PATH true` is not
                 called deprecated */
    bool session_events; /* print changes of the session like watch events, as zkCli does; if not
                            set, print only changes that end the session unexpectedly */
    rota_zkcli_print_f print;     /* NULL: the text is collected, see rota_zkcli_text */
    rota_zkcli_connect_f connect; /* NULL: `connect HOSTS` opens a handle on the same servers */
    void *context;                /* of both functions */
};

#endif
