#include "cli/fit_logit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { STEPS_MAX = 60, HALVINGS_MAX = 30 };

static const double small_step = 1e-9;

/* A fit on its way. free[0] is the intercept, free[i] column free[i] - 1. */
struct search {
    const struct fit_problem *problem;
    int size;         /* 1 + column_count */
    double *values;   /* the intercept, then the coefficients */
    double *trial;    /* of a step */
    double *gradient; /* of the loss */
    double *hessian;  /* size * size */
    double *scores;   /* ln(odds of good) of each row */
    int *free;
    int free_count;
};

static double at(const struct fit_problem *problem, int column, int row)
{
    return problem->columns[(size_t)column * (size_t)problem->row_count + (size_t)row];
}

static double dot(const struct search *search, const double *values, int row)
{
    double sum = values[0];

    for (int i = 1; i < search->size; i++) {
        if (values[i] != 0)
            sum += values[i] * at(search->problem, i - 1, row);
    }
    return sum;
}

/* The loss of values; their scores are kept. */
static double loss_of(struct search *search, const double *values)
{
    double loss = 0;

    for (int row = 0; row < search->problem->row_count; row++) {
        double score = dot(search, values, row);
        double against = search->problem->bad[row] ? score : -score;

        search->scores[row] = score;
        loss += against > 0 ? against + log1p(exp(-against)) : log1p(exp(against));
    }
    for (int i = 1; i < search->size; i++)
        loss += search->problem->ridge / 2 * values[i] * values[i];
    return loss;
}

static double column_of(const struct search *search, int at_free, int row)
{
    return at_free == 0 ? 1.0 : at(search->problem, at_free - 1, row);
}

static double pull_of(const struct search *search, int row)
{
    double good = 1 / (1 + exp(-search->scores[row]));

    return good - (search->problem->bad[row] ? 0.0 : 1.0);
}

/* The gradient of every value that is chosen, and which of them may move. */
static void find_free(struct search *search, const bool *chosen)
{
    memset(search->gradient, 0, (size_t)search->size * sizeof(double));
    for (int row = 0; row < search->problem->row_count; row++) {
        double pull = pull_of(search, row);

        for (int i = 0; i < search->size; i++) {
            if (i == 0 || chosen[i - 1])
                search->gradient[i] += pull * column_of(search, i, row);
        }
    }
    search->free_count = 0;
    for (int i = 0; i < search->size; i++) {
        bool is_held = i > 0 && search->values[i] <= 0 && search->gradient[i] >= 0;

        search->gradient[i] += i ? search->problem->ridge * search->values[i] : 0;
        if ((i == 0 || chosen[i - 1]) && !is_held)
            search->free[search->free_count++] = i;
    }
}

/* The lower half of the Hessian over the free values. */
static void find_hessian(struct search *search)
{
    int count = search->free_count;
    double *sums = search->hessian;
    double row_values[1 + 128];

    CHECK(count <= 129);
    memset(sums, 0, (size_t)count * (size_t)count * sizeof(double));
    for (int row = 0; row < search->problem->row_count; row++) {
        double good = 1 / (1 + exp(-search->scores[row])), weight = good * (1 - good);

        for (int i = 0; i < count; i++)
            row_values[i] = column_of(search, search->free[i], row);
        for (int i = 0; i < count; i++) {
            double scaled = row_values[i] * weight;

            for (int j = 0; j <= i; j++)
                sums[i * count + j] += scaled * row_values[j];
        }
    }
    for (int i = 0; i < count; i++)
        sums[i * count + i] += search->free[i] ? search->problem->ridge : 1e-9;
}

/* Solves hessian * step = -gradient by Cholesky; the step goes to step. False when it is singular.
 */
static bool solve(struct search *search, double *step)
{
    int count = search->free_count;
    double *l = search->hessian;

    for (int i = 0; i < count; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = l[i * count + j];

            for (int k = 0; k < j; k++)
                sum -= l[i * count + k] * l[j * count + k];
            if (i == j && sum <= 0)
                return false;
            l[i * count + j] = i == j ? sqrt(sum) : sum / l[j * count + j];
        }
    }
    for (int i = 0; i < count; i++) {
        step[i] = -search->gradient[search->free[i]];
        for (int k = 0; k < i; k++)
            step[i] -= l[i * count + k] * step[k];
        step[i] /= l[i * count + i];
    }
    for (int i = count - 1; i >= 0; i--) {
        for (int k = i + 1; k < count; k++)
            step[i] -= l[k * count + i] * step[k];
        step[i] /= l[i * count + i];
    }
    return true;
}

/* Walks along the step, halving it until the loss falls; values below zero stop at zero. */
static bool walk(struct search *search, const double *step, double *loss)
{
    double share = 1;

    for (int halving = 0; halving < HALVINGS_MAX; halving++, share /= 2) {
        double moved = 0;

        memcpy(search->trial, search->values, (size_t)search->size * sizeof(double));
        for (int i = 0; i < search->free_count; i++) {
            int at_free = search->free[i];
            double value = search->values[at_free] + share * step[i];

            value = at_free && value < 0 ? 0 : value;
            moved = fmax(moved, fabs(value - search->values[at_free]));
            search->trial[at_free] = value;
        }
        double trial = loss_of(search, search->trial);

        if (trial < *loss) {
            memcpy(search->values, search->trial, (size_t)search->size * sizeof(double));
            *loss = trial;
            return moved > small_step;
        }
    }
    return false;
}

static bool descend(struct search *search, const bool *chosen)
{
    double *step = calloc((size_t)search->size, sizeof(*step));
    double loss = loss_of(search, search->values);
    bool is_solved = true;

    CHECK(step);
    for (int steps = 0; steps < STEPS_MAX && is_solved; steps++) {
        find_free(search, chosen);
        find_hessian(search);
        is_solved = solve(search, step);
        if (is_solved && !walk(search, step, &loss))
            break;
        loss = loss_of(search, search->values); /* the scores are those of values again */
    }
    free(step);
    return is_solved;
}

bool fit_logit(const struct fit_problem *problem, const bool *chosen, double *intercept,
               double *coefficients)
{
    size_t size = 1 + (size_t)problem->column_count;
    struct search search = {
        .problem = problem,
        .size = (int)size,
        .values = calloc(size, sizeof(double)),
        .trial = calloc(size, sizeof(double)),
        .gradient = calloc(size, sizeof(double)),
        .hessian = calloc(size * size, sizeof(double)),
        .scores = calloc((size_t)problem->row_count, sizeof(double)),
        .free = calloc(size, sizeof(int)),
    };
    bool is_found;

    CHECK(search.values && search.trial && search.gradient && search.hessian && search.scores &&
          search.free);
    is_found = descend(&search, chosen);
    *intercept = search.values[0];
    memcpy(coefficients, search.values + 1, (size - 1) * sizeof(double));
    free(search.values);
    free(search.trial);
    free(search.gradient);
    free(search.hessian);
    free(search.scores);
    free(search.free);
    return is_found;
}
