/* What is done to a ZooKeeper, as data: a sequence of steps, each of them something that one client
 * does or that happens to it. A sequence means the same to every subject, and still means something
 * when steps are left out: that is what makes shrinking work. */
#ifndef ROTA_TESTS_CONFORMANCE_SEQUENCE_H
#define ROTA_TESTS_CONFORMANCE_SEQUENCE_H

#include "model/seam/backend.h"
#include "tests/conformance/text.h"

enum { CLIENTS_MOST = 8, GROUP_MOST = 8, ROOT_BYTES = 16 };

/* One operation. A path that begins with "~" lies below the root of the run. */
struct command {
    enum rota_op op;
    char *path;
    int32_t length; /* of the data; -1: none */
    char fill;      /* what the data consists of */
    bool fits; /* as much data, or a path so long, as makes a request of the limit plus `excess`
                  bytes; of a multi: its last operation */
    int32_t excess;
    int32_t version;
    int mode;
    int64_t ttl_ms;
    bool watch;
    uint32_t acl;          /* which of the access lists below */
    uint32_t credentials;  /* ADD_AUTH: which of those below */
    struct command *parts; /* MULTI */
    uint32_t part_count;
};

enum step_kind {
    STEP_REQUESTS, /* sends the commands, all at once */
    STEP_CUT,      /* loses its connection, and gets none */
    STEP_HEAL,     /* gets one again */
    STEP_RENEW, /* closes its handle, opens a new one, and sends the commands before it is connected
                 */
    STEP_EXPIRE,   /* loses its connection; a thief takes its session over, sends the commands and
                      closes it */
    STEP_ADOPT,    /* dies; a new handle takes its session over */
    STEP_STRANGER, /* loses its connection; somebody asks for its session with a wrong password;
                      gets a connection again */
    STEP_LOST,     /* sends the commands, which never arrive, and loses its connection by it */
    STEP_APPLIED,  /* sends the command, the answer to which never arrives */
    STEP_BRIEF,    /* a session of half a second sends the commands and falls silent for good */
    STEP_RESTART,  /* the server dies and comes back */
    STEP_INTRUDER, /* the same as a stranger, while its owner is connected */
    STEP_LATE, /* sends the command, which is kept from the server until the client heals, and loses
                  its connection by it */
    STEP_SILENT,  /* sends the commands, which never arrive, and nobody answers any more */
    STEP_MUTE,    /* sends the commands, which are done, and nobody answers any more */
    STEP_CLOSING, /* closes its handle while the server stands still and has not answered the
                     commands; opens a new one */
    STEP_HEAVY,   /* sets so many watches that setting them anew is a request of the limit, plus
                     `excess`; loses its connection, gets it again, and dies */
};

struct step {
    enum step_kind kind;
    uint32_t client;
    uint32_t timeout_ms; /* ADOPT: what the new handle wishes for; 0: as usual */
    int32_t excess;      /* HEAVY */
    struct command commands[GROUP_MOST];
    uint32_t count;
};

struct sequence {
    struct step **steps;
    uint32_t count;
    uint32_t clients;
};

/* The access lists that a command can name; number 0 is none at all, which means the open one. */
uint32_t sequence_acl_count(void);
const struct rota_acl *sequence_acl(uint32_t i, uint32_t *count);

/* The credentials that a command can name. */
struct credentials {
    const char *scheme;
    struct rota_bytes data;
    bool refused; /* they cost the session */
};
uint32_t sequence_credentials_count(void);
const struct credentials *sequence_credentials(uint32_t i);

/* A step, copied with everything in it; to be freed with step_free. */
struct step *step_copy(const struct step *from);
void step_free(struct step *s);

/* Frees what a command points to. */
void command_clear(struct command *c);

/* Operations in a step: each command counts, and so does what happens to a client. */
uint32_t step_operations(const struct step *s);

/* A step as a person would write it, one line a command. */
void step_print(struct text *t, const struct step *s);

/* Makes the request that a command stands for, below `root`. Everything lies in one block, which
 * the caller frees when it has been sent. */
struct rota_request *command_request(const struct command *c, const char *root, uint64_t tag);

#endif
