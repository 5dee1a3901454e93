/* One process of a world: a driver over a simulated client; or a plain ZooKeeper client, which the
 * world's user controls. Data, with the few questions that every layer above asks. */
#ifndef ROTA_BACKEND_SIM_WORLD_PROCESS_STATE_H
#define ROTA_BACKEND_SIM_WORLD_PROCESS_STATE_H

#include "backend_sim/net/client.h"
#include "backend_sim/world/world_state.h"
#include "model/driver.h"

/* The part that a process plays in a scenario, whatever protocol its role belongs to. */
enum rota_part {
    ROTA_PART_MASTER,
    ROTA_PART_WORKER,
    ROTA_PART_CLIENT,
    ROTA_PART_OPERATOR,
    ROTA_PART_ZK_CLIENT, /* a plain ZooKeeper client: no driver, no role */
};

enum rota_process_state {
    ROTA_PROCESS_ABSENT, /* not started, or dead */
    ROTA_PROCESS_RUNNING,
    ROTA_PROCESS_LEFT, /* ended in good order */
};

/* A message for a process that does not come from ZooKeeper. */
struct rota_inbox_message {
    struct rota_inbox_message *next;
    enum rota_event_kind kind;
    uint64_t number; /* of a run or a job */
    enum rota_ending ending;
    int32_t exit_status;
    char *name; /* of a task; PROGRESS: the line */
    void *payload;
    int32_t payload_length;
};

/* Takes an event of a plain ZooKeeper client. The event and its data are borrowed for the call. */
typedef void (*rota_zk_client_event_f)(void *context, const struct rota_handle_event *event);

struct rota_process {
    struct rota_host host; /* first: the host is the process */
    struct rota_world *world;
    uint32_t who;
    char name[16];
    enum rota_part part;
    struct rota_driver_config config; /* points to a copy of the role's config */
    rota_zk_client_event_f on_event;  /* ZK_CLIENT */
    void *event_context;
    enum rota_process_state state;
    uint32_t incarnation; /* counted from 1 with every start */
    bool paused;
    bool work_paused;
    rota_time paused_at;
    bool dying;           /* the door is shut: the process ends with its step */
    bool stopping;        /* asked to end in good order */
    bool restarting;      /* it starts again once it has ended */
    bool stepping;        /* its driver is at work */
    rota_time wake;       /* the time of its moment on the timeline */
    rota_time wake_grace; /* until then a resumed process takes events before its clock */
    rota_time lease_until;
    rota_time expired_at; /* when rota_world_expire last ended its session, 0: never */
    struct rota_work *works;
    uint32_t work_count;
    uint32_t work_capacity;
    struct rota_inbox_message *inbox;
    struct rota_inbox_message *inbox_last;
    bool inbox_scheduled; /* the moment of the inbox is on the timeline */
    uint32_t refused;     /* requests that changed nothing, since the right to write was lost */
    struct rota_driver driver; /* unused by a ZK_CLIENT */
    struct rota_sim_client client;
};

/* Process number `who` of the world, which has one. */
struct rota_process *rota_process_at(const struct rota_world *w, uint32_t who);

/* Whether the process plays that part. */
bool rota_process_is(const struct rota_process *p, enum rota_part part);

/* Whether the process runs a driver, or would if it were started. */
bool rota_process_has_driver(const struct rota_process *p);

/* Notifies the world's user that a fault has hit the process. */
void rota_process_report_fault(const struct rota_process *p);

#endif
