/* The invariants by which a run is judged. docs/SCENARIOS.md says what each of them means. */
#ifndef ROTA_HARNESS_LANGUAGE_INVARIANT_H
#define ROTA_HARNESS_LANGUAGE_INVARIANT_H

/* X(NAME, word in scenario files and reports). */
#define ROTA_INVARIANT_MAP(X)                                                                      \
    X(ONE_WRITER, "one-writer")                                                                    \
    X(ONE_ASSIGNMENT, "one-assignment")                                                            \
    X(ONE_COMPLETION, "one-completion")                                                            \
    X(NO_TASK_LOST, "no-task-lost")                                                                \
    X(NO_DOUBLE_SUBMIT, "no-double-submit")                                                        \
    X(PAYLOAD_INTACT, "payload-intact")                                                            \
    X(CAPACITY, "capacity")                                                                        \
    X(STALE_RESULT_REFUSED, "stale-result-refused")                                                \
    X(NO_NEEDLESS_RERUN, "no-needless-rerun")                                                      \
    X(ATTEMPTS_BOUNDED, "attempts-bounded")                                                        \
    X(TERMS_KEPT, "terms-kept")                                                                    \
    X(BOUNDED_TRIES, "bounded-tries")                                                              \
    X(BOUNDED_TREE, "bounded-tree")                                                                \
    X(BOUNDED_WATCHES, "bounded-watches")                                                          \
    X(PROGRESS, "progress")

enum rota_invariant {
#define X(name, word) ROTA_INVARIANT_##name,
    ROTA_INVARIANT_MAP(X)
#undef X
        ROTA_INVARIANTS
};

/* The word of an invariant, such as "one-writer". Static storage. */
const char *rota_invariant_word(enum rota_invariant invariant);

#endif
