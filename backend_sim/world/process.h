/* Inside of a world: what its processes and its time share. */
#ifndef ROTA_BACKEND_SIM_WORLD_PROCESS_H
#define ROTA_BACKEND_SIM_WORLD_PROCESS_H

#include "backend_sim/world/world.h"

#define XXH_INLINE_ALL
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

struct rota_world {
    struct rota_world_config config;
    const struct rota_world_hooks *hooks;
    void *context;
    struct rota_timeline timeline;
    struct rota_choices choices;
    struct rota_net net;
    struct rota_process **processes;
    uint32_t count;
    uint64_t events;
    uint64_t serials;
    uint64_t still; /* events since time has passed */
    XXH3_state_t *hash;
    struct rota_marks marks; /* of processes that are gone */
};

/* What a process asks of its world. */

/* Writes a note into the trace, of the server if `who` is ROTA_NOBODY. */
void rota_world_write_note(struct rota_world *w, uint32_t who, const struct rota_note *note);

/* Takes a delivered event into the hash. */
void rota_world_hash_event(struct rota_world *w, uint32_t who, const struct rota_handle_event *e);

/* Counts an event. False if too many have come while no time passed. */
bool rota_world_count_event(struct rota_world *w);

/* What a world asks of its processes. */

extern const struct rota_host_ops rota_process_host;

/* Tells the user that something befell the process. */
void rota_process_fault(struct rota_process *p);

/* Gives the driver every event that has come; then the process dies, leaves, or goes on. */
void rota_process_pump(struct rota_process *p);

/* The same, unless it is at work already, stands still or does not run. */
void rota_process_hear(struct rota_process *p);

/* Frees what a running process has; its socket is closed. */
void rota_process_destroy(struct rota_process *p, enum rota_process_state state);

/* Adds the marks that a running process has reached. Not for a guest. */
void rota_process_join_marks(const struct rota_process *p, struct rota_marks *marks);

/* One of its own moments has come: CLIENT, PROCESS, TELL, WORK or LEASE. */
void rota_process_moment(struct rota_process *p, const struct rota_moment *m);

#endif
