/* The scenario files that a command line names: files, and folders with all files below them. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/play/scenario_files.h"

static void make_folder(const char *name)
{
    assert_int_equal(mkdir(name, 0700), 0);
}

static void make_file(const char *name)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    fclose(f);
}

/* Every test runs in an empty folder of its own. */
static int enter(void **state)
{
    char *folder = strdup("/tmp/scenario_files.XXXXXX");

    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    *state = folder;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int leave(void **state)
{
    int status = chdir("/") == 0 ? nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS) : -1;

    free(*state);
    return status;
}

/* Finds the files of these names, which end with NULL. */
static struct rota_scenario_files find(const char *const *names)
{
    struct rota_scenario_files files;
    char error[256] = "";
    uint32_t count = 0;

    while (names[count] != NULL)
        count++;
    if (!rota_scenario_files_find(&files, names, count, error, sizeof error))
        fail_msg("%s", error);
    return files;
}

static void names_of_files_stay(void **state)
{
    struct rota_scenario_files files = find((const char *const[]){"b.scn", "a", "b.scn", NULL});

    (void)state;
    assert_int_equal(files.count, 3);
    assert_string_equal(files.paths[0], "b.scn");
    assert_string_equal(files.paths[1], "a");
    assert_string_equal(files.paths[2], "b.scn");
    rota_scenario_files_close(&files);
    assert_int_equal(files.count, 0);
}

static void a_folder_is_ordered_by_file_name(void **state)
{
    struct rota_scenario_files files;

    (void)state;
    make_folder("f");
    make_folder("f/a");
    make_folder("f/b");
    make_file("f/a/002.scn");
    make_file("f/b/001.scn");
    make_file("f/b/002.scn");
    make_file("f/notes.txt");
    make_file("f/.scn");
    make_file("f/b/scn");
    files = find((const char *const[]){"z", "f", NULL});
    assert_int_equal(files.count, 4);
    assert_string_equal(files.paths[0], "z");
    assert_string_equal(files.paths[1], "f/b/001.scn");
    assert_string_equal(files.paths[2], "f/a/002.scn");
    assert_string_equal(files.paths[3], "f/b/002.scn");
    rota_scenario_files_close(&files);
}

static void links_are_followed(void **state)
{
    struct rota_scenario_files files;

    (void)state;
    make_folder("f");
    make_folder("g");
    make_file("g/1.scn");
    assert_int_equal(symlink("../g", "f/g"), 0);
    assert_int_equal(symlink("nothing", "f/2.scn"), 0);
    files = find((const char *const[]){"f/", NULL});
    assert_int_equal(files.count, 2);
    assert_string_equal(files.paths[0], "f/g/1.scn");
    assert_string_equal(files.paths[1], "f/2.scn"); /* reading it will say what is wrong */
    rota_scenario_files_close(&files);
}

/* Not even the folder before the wrong one leaves anything behind. */
static void a_wrong_folder_is_an_error(void **state)
{
    struct rota_scenario_files files;
    char error[256];

    (void)state;
    make_folder("f");
    make_file("f/1.scn");
    make_folder("g");
    assert_false(
        rota_scenario_files_find(&files, (const char *const[]){"f", "g"}, 2, error, sizeof error));
    assert_string_equal(error, "g: this folder has no scenario file (.scn)");
    assert_int_equal(symlink("..", "g/loop"), 0);
    assert_false(
        rota_scenario_files_find(&files, (const char *const[]){"."}, 1, error, sizeof error));
    assert_string_equal(error,
                        "./g/loop: this symbolic link leads back to a folder that contains it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_of_files_stay, enter, leave),
        cmocka_unit_test_setup_teardown(a_folder_is_ordered_by_file_name, enter, leave),
        cmocka_unit_test_setup_teardown(links_are_followed, enter, leave),
        cmocka_unit_test_setup_teardown(a_wrong_folder_is_an_error, enter, leave),
    };

    return cmocka_run_group_tests_name("scenario files", tests, NULL, NULL);
}
