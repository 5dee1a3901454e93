/* The notes of a process, its faults, and bounded-watches. */
#ifndef ROTA_HARNESS_JUDGE_PROCESS_RULES_H
#define ROTA_HARNESS_JUDGE_PROCESS_RULES_H

#include "harness/judge/judge_state.h"

/* The process handles its next event. */
void rota_process_rules_stepped(struct rota_judge *j, uint32_t who);

/* The process wrote this note. */
void rota_process_rules_noted(struct rota_judge *j, uint32_t who, const struct rota_note *n);

/* The process has a fault: it may lose what it holds without being wrong. */
void rota_process_rules_fault(struct rota_judge *j, uint32_t who);

/* bounded-watches: the process watches no more bytes of paths than its budget. */
void rota_process_rules_check_watches(struct rota_judge *j, uint32_t who);

#endif
