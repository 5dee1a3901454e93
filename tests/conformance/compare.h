/* Two subjects, taken through the same sequences side by side. */
#ifndef ROTA_TESTS_CONFORMANCE_COMPARE_H
#define ROTA_TESTS_CONFORMANCE_COMPARE_H

#include "tests/conformance/subject.h"

enum verdict {
    VERDICT_SAME,
    VERDICT_DIFFERENT,
    VERDICT_DISTURBED, /* different, but the first subject lost a connection that nobody cut */
    VERDICT_STUCK,     /* something that must come did not come from either of them */
    VERDICT_NO_SERVER,
};

/* Both subjects. They live on from one sequence to the next, each of which has a root of its own,
 * and are begun anew after a difference. */
struct pair {
    const struct fixture *fixtures[2];
    struct subject subjects[2];
    bool open;
    uint32_t runs;          /* on these servers */
    uint32_t step;          /* of the difference */
    struct text answers[2]; /* to it */
    bool curious;           /* asks the first subject at a difference for all that it knows: */
    struct text journal;    /* what it did and heard in the sequence, and when */
    struct text testimony;  /* what its server says */
};

/* Nothing is begun until the first run. */
void pair_init(struct pair *p, const struct fixture *first, const struct fixture *second);
void pair_close(struct pair *p);

/* Takes both through a sequence, up to the first difference. */
enum verdict pair_run(struct pair *p, const struct sequence *q);

/* Leaves out of a sequence, of which `p` has just shown a difference, whatever is not needed for a
 * difference. `tries` is how many runs that may take. False if the difference does not come again.
 */
bool pair_shrink(struct pair *p, struct sequence *q, uint32_t tries);

/* The steps up to the difference and both answers, side by side. */
void pair_print(struct text *t, const struct pair *p, const struct sequence *q);

#endif
