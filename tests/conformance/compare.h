/* Two subjects that run the same sequences, step by step. */
#ifndef ROTA_TESTS_CONFORMANCE_COMPARE_H
#define ROTA_TESTS_CONFORMANCE_COMPARE_H

#include "tests/conformance/subject.h"

enum verdict {
    VERDICT_SAME,
    VERDICT_DIFFERENT,
    VERDICT_DISTURBED, /* different, but the first subject lost a connection without a fault */
    VERDICT_STUCK,     /* an expected event came from neither of them */
    VERDICT_NO_SERVER,
};

/* Both subjects. They are kept from one sequence to the next, each with its own root, and made anew
 * after a difference. */
struct pair {
    const struct fixture *fixtures[2];
    struct subject subjects[2];
    bool open;
    uint32_t runs;          /* on these servers */
    uint32_t step;          /* of the difference */
    struct text answers[2]; /* their events at that step */
    bool collects;       /* at a difference, it fills in the next two, about the first subject: */
    struct text journal; /* all steps and events of the sequence, with the time */
    struct text logs;    /* of its server */
};

/* The subjects are made at the first run. */
void pair_init(struct pair *p, const struct fixture *first, const struct fixture *second);
void pair_close(struct pair *p);

/* Runs a sequence on both, up to the first difference. */
enum verdict pair_run(struct pair *p, const struct sequence *q);

/* Shrinks a sequence in which `p` has just found a difference: leaves out everything that is not
 * needed for a difference, in at most `tries` runs. False if the difference does not come again. */
bool pair_shrink(struct pair *p, struct sequence *q, uint32_t tries);

/* Writes the steps up to the difference, and the events of both subjects. */
void pair_print(struct text *t, const struct pair *p, const struct sequence *q);

#endif
