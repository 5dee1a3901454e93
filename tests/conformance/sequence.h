/* A test as data: a sequence of steps. In each step one client sends requests, or has a fault. A
 * sequence means the same for every subject, and still has a meaning when steps are left out, so it
 * can be shrunk. */
#ifndef ROTA_TESTS_CONFORMANCE_SEQUENCE_H
#define ROTA_TESTS_CONFORMANCE_SEQUENCE_H

#include "model/seam/backend.h"
#include "tests/conformance/text.h"

enum { CLIENTS_MOST = 8, GROUP_MOST = 8, ROOT_BYTES = 16 };

/* One operation. A path that begins with "~" is below the root of the run. */
struct command {
    enum rota_op op;
    char *path;
    int32_t length; /* of the data; -1: none */
    char fill;      /* the byte that the data consists of */
    bool fits;      /* its data, or its path, is so long that the request has the size limit plus
                       `excess`      bytes; for a multi: of its last operation */
    int32_t excess;
    int32_t version;
    int mode;
    int64_t ttl_ms;
    bool watch;
    uint32_t acl;          /* number of an access list below */
    uint32_t credentials;  /* ADD_AUTH: number of credentials below */
    struct command *parts; /* MULTI */
    uint32_t part_count;
};

/* The action or the fault of the client of a step. */
enum step_kind {
    STEP_REQUESTS,  /* sends the commands, all at once */
    STEP_CUT,       /* loses its connection and gets none until HEAL */
    STEP_HEAL,      /* can connect again */
    STEP_REOPEN,    /* closes its handle, opens a new one, and sends the commands before it is
                       connected */
    STEP_EXPIRE,    /* loses its connection; another client takes its session over, sends the
                       commands and closes it */
    STEP_TAKE_OVER, /* dies; a new handle takes its session over */
    STEP_WRONG_PASSWORD_AWAY, /* another client asks for its session with a wrong password while it
                                 is disconnected */
    STEP_LOST,                /* sends the commands, which never arrive; its connection is lost */
    STEP_APPLIED,        /* sends the command, whose reply never arrives; its connection is lost */
    STEP_SHORT_SESSION,  /* a short session sends the commands and expires */
    STEP_RESTART,        /* the server is killed and started again */
    STEP_WRONG_PASSWORD, /* as WRONG_PASSWORD_AWAY, while it is connected */
    STEP_LATE,   /* sends the command, which is held back until the client heals; its connection is
                    lost */
    STEP_SILENT, /* sends the commands, which never arrive, and receives nothing any more */
    STEP_SILENT_APPLIED, /* sends the commands, which are executed, and receives nothing any more */
    STEP_CLOSING, /* sends the commands to a paused server, closes its handle, and opens a new one
                   */
    STEP_HEAVY, /* sets so many watches that setting them again is a request of the size limit plus
                   `excess`; loses its connection, connects again, and dies */
};

struct step {
    enum step_kind kind;
    uint32_t client;
    uint32_t timeout_ms; /* TAKE_OVER: what the new handle asks for; 0: as usual */
    int32_t excess;      /* HEAVY */
    struct command commands[GROUP_MOST];
    uint32_t count;
};

struct sequence {
    struct step **steps;
    uint32_t count;
    uint32_t clients;
};

/* The access lists that a command can name. Number 0 is no list, which means the open one. */
uint32_t sequence_acl_count(void);
const struct rota_acl *sequence_acl(uint32_t i, uint32_t *count);

/* The credentials that a command can name. */
struct credentials {
    const char *scheme;
    struct rota_bytes data;
    bool refused; /* they end the handle */
};
uint32_t sequence_credentials_count(void);
const struct credentials *sequence_credentials(uint32_t i);

/* A step, copied with everything in it; to be freed with step_free. */
struct step *step_copy(const struct step *from);
void step_free(struct step *s);

/* Frees what a command points to. */
void command_clear(struct command *c);

/* How many operations a step counts: its commands, or 1 for a step without commands. */
uint32_t step_operations(const struct step *s);

/* Writes a step, one line for each command. */
void step_print(struct text *t, const struct step *s);

/* Makes the request of a command, with paths below `root`, in one block, which the caller frees. */
struct rota_request *command_request(const struct command *c, const char *root, uint64_t tag);

#endif
