/* The trace of a world, and the hash and the number of its events. */
#ifndef ROTA_BACKEND_SIM_WORLD_WORLD_TRACE_H
#define ROTA_BACKEND_SIM_WORLD_WORLD_TRACE_H

#include "backend_sim/world/world_state.h"

/* Writes a note into the trace in the name of process `who`, or of server `i`, counted from 0, if
 * that is ROTA_NOBODY - i. */
void rota_world_write_note(struct rota_world *w, uint32_t who, const struct rota_note *note);

/* The same with a text as the note. */
void rota_world_note(struct rota_world *w, uint32_t who, const char *text);

/* Adds an event that was delivered to process `who` to the hash. */
void rota_world_hash_event(struct rota_world *w, uint32_t who, const struct rota_handle_event *e);

/* Counts an event. Returns false if the world is stuck. */
bool rota_world_count_event(struct rota_world *w);

/* Whether very many events have come while no time passed: a process asks and is answered without
 * end. */
bool rota_world_stuck(const struct rota_world *w);

/* Events delivered and moments handled so far. */
uint64_t rota_world_events(const struct rota_world *w);

/* XXH3 over every trace line and every event delivered so far. */
uint64_t rota_world_hash(const struct rota_world *w);

#endif
