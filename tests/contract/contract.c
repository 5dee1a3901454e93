#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/contract/guarantees.h"
#include "tests/contract/tests.h"

struct guarantee {
    const char *name;
    unsigned needs;
    void (*test)(struct stage *s);
    const struct fixture *fixture;
};

static void run_one(void **state)
{
    const struct guarantee *g = *state;
    struct stage stage;

    stage_begin(&stage, g->fixture);
    g->test(&stage);
    stage_end(&stage);
}

int contract_run(const struct fixture *fixture)
{
    struct guarantee guarantees[] = {
#define X(number, name, able, sentence) {"G" #number "_" #name, able, test_##name, fixture},
        GUARANTEE_MAP(X)
#undef X
    };
    enum { COUNT = sizeof guarantees / sizeof *guarantees };
    struct CMUnitTest tests[COUNT];
    size_t count = 0;

    for (size_t i = 0; i < COUNT; i++)
        if ((guarantees[i].needs & ~fixture->abilities) == 0)
            tests[count++] = (struct CMUnitTest){
                .name = guarantees[i].name, .test_func = run_one, .initial_state = &guarantees[i]};
    printf("%s: %zu of %d guarantees can be tested\n", fixture->name, count, (int)COUNT);
    return _cmocka_run_group_tests(fixture->name, tests, count, NULL, NULL);
}
