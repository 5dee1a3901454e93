/* One process of a museum piece: a handle, a host, and a handful of names it remembers.
 *
 * The pieces are programs as their authors describe them, and believe what they are told: a reply
 * that was lost is an error like others, and a session that has ended begins again from nothing. */
#ifndef ROTA_TESTS_MUSEUM_EXHIBIT_H
#define ROTA_TESTS_MUSEUM_EXHIBIT_H

#include "backend_sim/world/process_role.h"

enum {
    EXHIBIT_NAME = 64,  /* bytes of a name */
    EXHIBIT_ITEMS = 64, /* names in one list */
    EXHIBIT_PATH = 256,
};

/* A task or a worker that a process knows of. */
struct exhibit_item {
    char name[EXHIBIT_NAME];
    uint32_t state; /* a piece's own; 0: new */
    int64_t czxid;
    uint64_t job;
    char other[EXHIBIT_NAME]; /* the worker of a task */
};

struct exhibit_list {
    struct exhibit_item items[EXHIBIT_ITEMS];
    uint32_t count;
};

struct exhibit;

/* What one role of a piece does. `begin` and `replied` are mandatory. */
struct exhibit_role {
    /* A new session: what was known is forgotten. */
    void (*begin)(struct exhibit *e);
    /* The answer to a request, which was about this name; "" if it was about none. */
    void (*replied)(struct exhibit *e, uint32_t what, const char *name, const struct rota_reply *r);
    void (*watched)(struct exhibit *e, const char *path);
    /* FINISHED, SUBMIT, WAIT, COLLECT. */
    void (*told)(struct exhibit *e, const struct rota_event *event);
    const void *manner; /* what differs between pieces that share a role */
};

struct exhibit {
    const struct exhibit_role *role;
    struct rota_backend *backend; /* borrowed, as is the host */
    struct rota_host *host;
    struct rota_driver_config config;
    uint32_t handle;
    int64_t session;
    bool stopped;  /* the door said no */
    bool finished; /* it has left */
    bool leads;
    uint32_t tries; /* of the request that is tried again */
    uint64_t run;   /* the last one begun; 0: none */
    char running[EXHIBIT_NAME];
    char own[EXHIBIT_PATH]; /* the znode it made */
    struct exhibit_list tasks;
    struct exhibit_list workers;
};

/* A path made of a format; lives until the end of the expression. */
struct exhibit_path {
    char text[EXHIBIT_PATH];
};
__attribute__((format(printf, 1, 2))) struct exhibit_path exhibit_path(const char *format, ...);

/* The name below the last slash of a path; borrowed from it. */
const char *exhibit_last(const char *path);

/* Sends a request. `what` and `name` come back with the answer; the name is copied. */
void exhibit_ask(struct exhibit *e, uint32_t what, const char *name,
                 const struct rota_operation *operation);

/* The same, for a read that leaves a watch. */
void exhibit_read(struct exhibit *e, uint32_t what, const char *name, enum rota_op op,
                  const char *path);

/* The same, for a create with a text as data. */
void exhibit_create(struct exhibit *e, uint32_t what, const char *name, const char *path,
                    const char *data, enum rota_mode mode);

/* The same, for a delete of any version. */
void exhibit_delete(struct exhibit *e, uint32_t what, const char *name, const char *path);

/* A line of the trace. */
void exhibit_note(struct exhibit *e, enum rota_note_kind kind, const char *name, const char *other,
                  int64_t a, int64_t b);

/* It leads from now on, or no longer. */
void exhibit_lead(struct exhibit *e, bool leads);

/* The process ends, with a sentence. */
void exhibit_leave(struct exhibit *e, const char *sentence);

/* The item of that name; NULL if there is none. */
struct exhibit_item *exhibit_find(struct exhibit_list *list, const char *name);

/* The item of that name, made if it is new. */
struct exhibit_item *exhibit_add(struct exhibit_list *list, const char *name);

/* Any of the list, by the backend's random numbers; NULL if it is empty. */
struct exhibit_item *exhibit_any(struct exhibit *e, struct exhibit_list *list);

/* Whether the data of a reply is this text. */
bool exhibit_says(const struct rota_reply *r, const char *text);

/* The members of struct rota_process_role, but for `open`, which knows the role. */
void *exhibit_open(const struct exhibit_role *role, const struct rota_driver_config *config,
                   struct rota_backend *backend, struct rota_host *host);
void exhibit_hear(void *actor, const struct rota_handle_event *event);
void exhibit_tell(void *actor, struct rota_event *event);
void exhibit_tick(void *actor);
rota_time exhibit_deadline(const void *actor);
bool exhibit_finished(const void *actor);
void exhibit_close(void *actor);

/* Defines an actor that plays a role. */
#define EXHIBIT_ACTOR(actor, its_role)                                                             \
    static void *actor##_open(const struct rota_driver_config *config,                             \
                              struct rota_backend *backend, struct rota_host *host)                \
    {                                                                                              \
        return exhibit_open(&(its_role), config, backend, host);                                   \
    }                                                                                              \
    const struct rota_process_role actor = {.open = actor##_open,                                  \
                                            .hear = exhibit_hear,                                  \
                                            .tell = exhibit_tell,                                  \
                                            .tick = exhibit_tick,                                  \
                                            .deadline = exhibit_deadline,                          \
                                            .finished = exhibit_finished,                          \
                                            .close = exhibit_close}

#endif
