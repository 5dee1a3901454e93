/* The nearest right word to a wrong one. */
#ifndef ROTA_HARNESS_LANGUAGE_NEAREST_H
#define ROTA_HARNESS_LANGUAGE_NEAREST_H

/* The candidate nearest to `text`, or NULL if none is near. The list ends with NULL. Small and
 * capital letters are the same. */
const char *rota_nearest(const char *text, const char *const *candidates);

#endif
