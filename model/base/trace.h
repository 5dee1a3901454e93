/* The trace: one event, one line, the same formatter for the production log, the scenarios, the
 * documentation and the golden traces.
 *
 *     [   12.017s] m2     t3 -> w2 (attempt 1)
 *     [   12.022s]   w2   runs t3 (attempt 1, fence 25)
 */
#ifndef ROTA_MODEL_BASE_TRACE_H
#define ROTA_MODEL_BASE_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* Every kind of note and its sentence. In a sentence %n is the note's name, %o its other name, %a,
 * %b and %c its numbers. */
#define ROTA_NOTE_MAP(X)                                                                           \
    X(STARTED, "started")                                                                          \
    X(CONNECTED, "session %a begun, timeout %b ms")                                                \
    X(RESUMED, "session %a goes on")                                                               \
    X(DISCONNECTED, "disconnected")                                                                \
    X(EXPIRED, "session ended")                                                                    \
    X(DOUBT, "in doubt about the session: %n; beginning a new one")                                \
    X(STANDBY, "standing by: %n leads")                                                            \
    X(ELECTED, "leading, epoch %a")                                                                \
    X(RECOVERED, "took over: %a workers, %b assignments, %c tasks listed")                         \
    X(DEPOSED, "deposed: epoch %a is over")                                                        \
    X(HANDOVER, "handed over, epoch %a")                                                           \
    X(WORKER_SEEN, "worker %n is there, %a slots")                                                 \
    X(WORKER_LOST, "worker %n is gone, %a assignments to place again")                             \
    X(ASSIGNED, "%n -> %o (attempt %a)")                                                           \
    X(REASSIGNED, "%n -> %o (attempt %a, losses %b)")                                              \
    X(DEAD, "%n is dead: %a workers lost under it")                                                \
    X(GIVEN_UP, "%n is %o")                                                                        \
    X(DELAYED, "%n waits %a ms more")                                                              \
    X(BLOCKED, "%n waits for %o")                                                                  \
    X(HOLD, "holding what %a of %b workers left behind, for %c ms")                                \
    X(HOLD_OVER, "placing again what was held")                                                    \
    X(ORDERED, "told %n: %o")                                                                      \
    X(DRAINING, "draining: %a runs left")                                                          \
    X(DRAIN_OVER, "drains no more")                                                                \
    X(TIMED_OUT, "%n takes longer than %a ms: ended")                                              \
    X(CANCELLING, "cancelling %n (attempt %a)")                                                    \
    X(RETRY, "%n failed (%o), again in %a ms (failure %b)")                                        \
    X(SWEPT, "swept %n")                                                                           \
    X(COUNTER, "the counter of sequential names under %n stands at %a; `create -s` fails when %b " \
               "more znodes were made there, chosen names go on")                                  \
    X(REFUSED, "refused: %n, %o")                                                                  \
    X(UNKNOWN, "unknown: %n")                                                                      \
    X(RESOLVED, "resolved: %n was %o")                                                             \
    X(REGISTERED, "registered as %n, %a slots")                                                    \
    X(NAME_TAKEN, "the name %n is taken by session %a, waiting")                                   \
    X(RUN, "runs %n (attempt %a, fence %b)")                                                       \
    X(FINISHED, "finished %n: %o")                                                                 \
    X(COMPLETED, "completed %n: %o")                                                               \
    X(SUPERSEDED, "superseded: the result of %n is dropped")                                       \
    X(HANDED_BACK, "handed back %n: %o")                                                           \
    X(LEASE_LOW, "lease is low: no new work")                                                      \
    X(LEASE_OVER, "lease is over: %a runs ended")                                                  \
    X(SUBMITTED, "submitted %n")                                                                   \
    X(RESULT, "result of %n: %o")                                                                  \
    X(COLLECTED, "collected %n")                                                                   \
    X(STOPPING, "stopping: %a runs left")                                                          \
    X(FAULT, "%n")                                                                                 \
    X(ENDED, "ended with status %a")

enum rota_note_kind {
#define X(name, sentence) ROTA_NOTE_##name,
    ROTA_NOTE_MAP(X)
#undef X
        ROTA_NOTE_KINDS
};

/* Borrowed strings, valid for the step; NULL counts as "". */
struct rota_note {
    enum rota_note_kind kind;
    const char *name;
    const char *other;
    int64_t a;
    int64_t b;
    int64_t c;
};

/* The kind's name, such as "ELECTED". Static storage. */
const char *rota_note_name(enum rota_note_kind kind);

/* Writes the sentence of a note, without time and process, into `text` of `size` bytes, always
 * terminated; what does not fit is cut. Returns the length written. */
size_t rota_note_format(const struct rota_note *note, char *text, size_t size);

/* Writes a whole trace line without newline: time in microseconds since the start, the process's
 * name in its own column (masters left, workers and clients further in). Returns the length
 * written. */
size_t rota_trace_format(int64_t time_us, const char *who, const struct rota_note *note, char *text,
                         size_t size);

#endif
