/* The trace: one line an event, by one formatter for the log of a process, the expected traces of
 * scenarios and the documentation.
 *
 *     [   12.017s] m2     assigned t3 to w2 (attempt 1)
 *     [   12.022s]   w2   running t3 (attempt 1, fence 25)
 */
#ifndef ROTA_MODEL_BASE_TRACE_H
#define ROTA_MODEL_BASE_TRACE_H

#include <stddef.h>
#include <stdint.h>

/* Each kind of note and its sentence, whose subject is the process. In a sentence %n stands for the
 * note's name, %o for its other name, and %a, %b, %c for its numbers. */
#define ROTA_NOTE_MAP(X)                                                                           \
    X(STARTED, "started")                                                                          \
    X(CONNECTED, "session %a opened, timeout %b ms")                                               \
    X(RESUMED, "session %a resumed")                                                               \
    X(DISCONNECTED, "disconnected")                                                                \
    X(PAUSED, "pausing requests: %n")                                                              \
    X(EXPIRED, "session ended")                                                                    \
    X(DOUBT, "restarting the session: %n")                                                         \
    X(STANDBY, "standby: %n is the leader")                                                        \
    X(ELECTED, "elected leader, epoch %a")                                                         \
    X(RECOVERED, "took over: %a workers, %b assignments, %c tasks listed")                         \
    X(DEPOSED, "deposed: epoch %a has ended")                                                      \
    X(HANDOVER, "handed over the leadership of epoch %a")                                          \
    X(WORKER_SEEN, "worker %n registered, %a slots")                                               \
    X(WORKER_LOST, "worker %n is gone, %a assignments to reassign")                                \
    X(ASSIGNED, "assigned %n to %o (attempt %a)")                                                  \
    X(REASSIGNED, "reassigned %n to %o (attempt %a, losses %b)")                                   \
    X(DEAD, "%n is dead: %a workers were lost while they ran it")                                  \
    X(GIVEN_UP, "final status of %n: %o")                                                          \
    X(DELAYED, "%n is delayed for %a ms")                                                          \
    X(BLOCKED, "%n waits for its dependency %o")                                                   \
    X(HOLD, "mass loss: %a of %b workers are gone, keeping their assignments for %c ms")           \
    X(HOLD_OVER, "mass loss over: reassigning the kept assignments")                               \
    X(ORDERED, "sent orders to %n: %o")                                                            \
    X(DRAINING, "draining: %a runs left")                                                          \
    X(DRAIN_OVER, "no longer draining")                                                            \
    X(TIMED_OUT, "%n timed out after %a ms")                                                       \
    X(CANCELLING, "cancelling %n (attempt %a)")                                                    \
    X(RETRY, "%n failed (%o), retry in %a ms (failure %b)")                                        \
    X(SWEPT, "removed %n")                                                                         \
    X(COUNTER, "the counter of sequential names under %n is at %a; `create -s` fails there after " \
               "%b more creates, chosen names still work")                                         \
    X(REFUSED, "refused: %n, %o")                                                                  \
    X(UNKNOWN, "outcome unknown: %n")                                                              \
    X(RESOLVED, "outcome resolved: %n was %o")                                                     \
    X(REGISTERED, "registered as %n, %a slots")                                                    \
    X(NAME_TAKEN, "the name %n is held by session %a, waiting")                                    \
    X(RUN, "running %n (attempt %a, fence %b)")                                                    \
    X(FINISHED, "finished %n: %o")                                                                 \
    X(COMPLETED, "completed %n: %o")                                                               \
    X(SUPERSEDED, "superseded: dropped the result of %n")                                          \
    X(HANDED_BACK, "handed back %n: %o")                                                           \
    X(LEASE_LOW, "lease is low: taking no new work")                                               \
    X(LEASE_OVER, "lease is over: ended %a runs")                                                  \
    X(SUBMITTED, "submitted %n")                                                                   \
    X(RESULT, "result of %n: %o")                                                                  \
    X(COLLECTED, "collected %n")                                                                   \
    X(STOPPING, "stopping: %a runs left")                                                          \
    X(FAULT, "%n")                                                                                 \
    X(ENDED, "exited with status %a")

enum rota_note_kind {
#define X(name, sentence) ROTA_NOTE_##name,
    ROTA_NOTE_MAP(X)
#undef X
        ROTA_NOTE_KINDS
};

/* The strings are borrowed for the step; NULL means "". */
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

/* Writes the sentence of a note, without time and process, into `text` of `size` bytes; cut if it
 * does not fit, always terminated. Returns the length written. */
size_t rota_note_format(const struct rota_note *note, char *text, size_t size);

/* Writes a whole trace line, without newline, in the same way: the time since the start, the name
 * of the process in its column (masters left, then workers, then clients), and the sentence.
 * Returns the length written. */
size_t rota_trace_format(int64_t time_us, const char *who, const struct rota_note *note, char *text,
                         size_t size);

#endif
