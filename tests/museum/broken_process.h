/* One process of a broken protocol: a direct role, without a session layer, that knows a few names.
 *
 * The protocols are programs as their authors describe them. They believe every answer: a lost
 * reply is an error like others, and after the end of a session they begin again from nothing. */
#ifndef ROTA_TESTS_MUSEUM_BROKEN_PROCESS_H
#define ROTA_TESTS_MUSEUM_BROKEN_PROCESS_H

#include "model/client/client.h"
#include "model/master/master.h"
#include "model/seam/role.h"
#include "model/worker/worker.h"

enum {
    BROKEN_NAME = 64,  /* bytes of a name */
    BROKEN_ITEMS = 64, /* names in one list */
    BROKEN_PATH = 256,
};

/* A task or a worker that a process knows of. */
struct broken_item {
    char name[BROKEN_NAME];
    uint32_t state; /* the protocol's own; 0: new */
    int64_t czxid;
    uint64_t job;
    char other[BROKEN_NAME]; /* the worker of a task */
};

struct broken_list {
    struct broken_item items[BROKEN_ITEMS];
    uint32_t count;
};

/* The state of a process. */
struct broken_process {
    char name[BROKEN_NAME]; /* its own */
    char address[BROKEN_PATH];
    uint64_t chance; /* state of its random numbers */
    int64_t session;
    bool leads;
    uint32_t tries; /* of the request that is tried again */
    uint64_t run;   /* the last one begun; 0: none */
    char running[BROKEN_NAME];
    char own[BROKEN_PATH]; /* the znode it created */
    struct broken_list tasks;
    struct broken_list workers;
};

struct broken_step;

/* The functions of one role of a protocol. `begin` and `replied` are mandatory. */
struct broken_role {
    /* A new session: everything known is forgotten. */
    void (*begin)(struct broken_step *s);
    /* The answer to a request, which was about this name; "" if it was about none. */
    void (*replied)(struct broken_step *s, uint32_t purpose, const char *name,
                    const struct rota_reply *r);
    void (*watched)(struct broken_step *s, const char *path);
    /* FINISHED, SUBMIT, WAIT, COLLECT. */
    void (*notified)(struct broken_step *s, const struct rota_event *event);
    const void *variant; /* the differences between protocols that share a role */
};

/* One step of a process. */
struct broken_step {
    struct broken_process *p;
    const struct broken_role *role;
    struct rota_outbox *out;
};

/* The name below the last slash of a path; borrowed from it. */
const char *broken_last(const char *path);

/* Sends a request. `purpose` and `name` come back with the answer. Everything is copied. */
void broken_ask(struct broken_step *s, uint32_t purpose, const char *name,
                const struct rota_operation *operation);

/* The same, for a read that leaves a watch. */
void broken_read(struct broken_step *s, uint32_t purpose, const char *name, enum rota_op op,
                 const char *path);

/* The same, for a create with a text as data. */
void broken_create(struct broken_step *s, uint32_t purpose, const char *name, const char *path,
                   const char *data, enum rota_mode mode);

/* The same, for a delete of any version. */
void broken_delete(struct broken_step *s, uint32_t purpose, const char *name, const char *path);

/* The process leads from now on, or no longer. */
void broken_lead(struct broken_step *s, bool leads);

/* The process ends, with a sentence. */
void broken_leave(struct broken_step *s, const char *sentence);

/* The item of that name; NULL if there is none. */
struct broken_item *broken_find(struct broken_list *list, const char *name);

/* The item of that name, added if it is new. */
struct broken_item *broken_add(struct broken_list *list, const char *name);

/* A random item of the list; NULL if it is empty. */
struct broken_item *broken_any(struct broken_step *s, struct broken_list *list);

/* Fills the list of workers anew from a reply to CHILDREN. */
void broken_list_workers(struct broken_step *s, const struct rota_reply *r);

/* A copy that lives as long as the step's actions. */
struct rota_bytes broken_copy(struct broken_step *s, struct rota_bytes bytes);

/* Whether the data of a reply is this text. */
bool broken_says(const struct rota_reply *r, const char *text);

/* The functions of struct rota_role. */
void broken_init_master(void *state, const void *config, uint64_t seed);
void broken_init_worker(void *state, const void *config, uint64_t seed);
void broken_init_client(void *state, const void *config, uint64_t seed);
void broken_step_on(struct broken_step *s, const struct rota_event *event);
void broken_hear(struct broken_step *s, const struct rota_handle_event *event);

/* Defines the table of a role; `part` is master, worker or client. */
#define BROKEN_ROLE(table, its_role, part)                                                         \
    static void table##_step(void *state, struct rota_pool *mem, const struct rota_event *event,   \
                             struct rota_outbox *out)                                              \
    {                                                                                              \
        (void)mem;                                                                                 \
        broken_step_on(&(struct broken_step){state, &(its_role), out}, event);                     \
    }                                                                                              \
    static void table##_hear(void *state, struct rota_pool *mem,                                   \
                             const struct rota_handle_event *event, struct rota_outbox *out)       \
    {                                                                                              \
        (void)mem;                                                                                 \
        broken_hear(&(struct broken_step){state, &(its_role), out}, event);                        \
    }                                                                                              \
    const struct rota_role table = {.name = #table,                                                \
                                    .state_size = sizeof(struct broken_process),                   \
                                    .config_size = sizeof(struct rota_##part##_config),            \
                                    .init = broken_init_##part,                                    \
                                    .step = table##_step,                                          \
                                    .receive = table##_hear}

#endif
