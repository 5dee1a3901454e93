/* The driver: the one loop that knows both sides of a process. It takes an event, lets the session
 * layer and the role make their steps, and carries out the actions they return. Each request of a
 * process leaves through its door, so a test can stop a process at exactly one request.
 *
 * A driver is one process: one handle, one role, one host. Unless the role is direct, a session
 * layer is between handle and role. It is used from one thread. */
#ifndef ROTA_MODEL_DRIVER_H
#define ROTA_MODEL_DRIVER_H

#include "model/base/pool.h"
#include "model/seam/backend.h"
#include "model/seam/event.h"
#include "model/seam/outbox.h"
#include "model/seam/role.h"
#include "model/seam/session.h"

/* The part of a process outside of coordination: it runs work, prints, logs and exits. */
struct rota_host;

/* Carries out an action: NOTE, RUN, CANCEL, LEASE, NAMED, RESULT, COLLECTED, PROGRESS or ROW; EXIT
 * after the session has been closed. The action and its data are borrowed for the call. The host
 * may queue events for rota_driver_notify, but not call it from here. Mandatory. */
typedef void (*rota_host_act_f)(struct rota_host *h, const struct rota_action *action);

/* The door: called before a request leaves. False stops the process: the request does not leave,
 * and the driver does nothing until it is closed. Optional. */
typedef bool (*rota_host_door_f)(struct rota_host *h, const struct rota_request *request);

struct rota_host_ops {
    rota_host_act_f act;
    rota_host_door_f door;
};

/* The head of every host; a host's own struct begins with it. */
struct rota_host {
    const struct rota_host_ops *ops;
};

struct rota_driver_config {
    const struct rota_role *role; /* borrowed; mandatory */
    const void *config;           /* the role's, of role->config_size bytes */
    struct rota_session_config session;
};

struct rota_driver {
    struct rota_backend *backend; /* borrowed */
    struct rota_host *host;       /* borrowed */
    const struct rota_role *role; /* borrowed */
    bool stopped;                 /* the door returned false */
    bool leaving;                 /* the role asked for EXIT; the session is being closed */
    bool finished;                /* EXIT was carried out */
    enum rota_exit status;
    char sentence[768];
    rota_time wake;  /* when the role wants a TICK */
    uint32_t handle; /* of a direct role: the last one it opened; 0: none */
    struct rota_session session;
    struct rota_pool session_memory;
    struct rota_pool state_memory; /* holds the role's state and nothing else */
    rota_ref state;
    struct rota_pool memory;
    struct rota_outbox outbox;
    struct rota_outbox session_outbox;
};

/* Initialises a process and lets it begin: opens the handle and gives the role START. `config` and
 * the role's configuration are copied; the role's table, `backend` and `host` are borrowed until
 * close. */
void rota_driver_init(struct rota_driver *d, const struct rota_driver_config *config,
                      struct rota_backend *backend, struct rota_host *host);

/* Gives the role an event that does not come from ZooKeeper: STOP, FINISHED, PROGRESS, SUBMIT,
 * WAIT, COLLECT or CLOSE_INPUT. The driver sets `event->now`. */
void rota_driver_notify(struct rota_driver *d, struct rota_event *event);

/* Handles one event of the process's handle. rota_driver_run takes events from the backend and
 * calls this; a simulation that delivers the events itself calls it directly. */
void rota_driver_receive(struct rota_driver *d, const struct rota_handle_event *event);

/* Handles the passing of time, if the deadline has come. */
void rota_driver_tick(struct rota_driver *d);

/* Takes the waiting events from the backend, at most `most` of them, and ticks. Returns true if
 * more events may be waiting. */
bool rota_driver_run(struct rota_driver *d, uint32_t most);

/* When rota_driver_tick is to be called if no event comes before; ROTA_NEVER if not at all. */
rota_time rota_driver_deadline(const struct rota_driver *d);

/* Frees the memory. Does not close the handle: without an EXIT before, this is a crash. */
void rota_driver_close(struct rota_driver *d);

#endif
