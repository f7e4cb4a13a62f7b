// A thin C layer over oneDNN that hides what changed between its versions 2.x and 3.x: operation descriptors, memory
// descriptors and post-operation signatures. Whoever includes this header sees opaque pointers and integers only.
//
// Conventions
// - Every call that can fail returns a status: 0 is success, anything else is oneDNN's status number. What failed is said by
//   `fdnn_last_error()`, kept per thread. Nothing aborts.
// - What `fdnn_..._create` gives belongs to the caller, who ends it with `fdnn_..._destroy`; NULL is allowed there.
// - Plans and memories keep copies of the layouts that they were made from.
// - All shapes are channels first: (batch, channels, [depth,] height, width).
#ifndef FINGAL_DNN_H
#define FINGAL_DNN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fdnn_layout fdnn_layout;        // shape, element type and order in memory (a memory descriptor)
typedef struct fdnn_memory fdnn_memory;        // a layout and where its elements are
typedef struct fdnn_plan fdnn_plan;            // a primitive descriptor: an implementation chosen for given layouts
typedef struct fdnn_operation fdnn_operation;  // a compiled plan with all its arguments bound
typedef struct fdnn_stream fdnn_stream;        // where operations run; one a thread

enum {
  FDNN_ORDER_ANY = 0,    // oneDNN chooses
  FDNN_ORDER_PLAIN = 1,  // outermost axis first, as arrays in C
};

enum {  // layouts that a plan has chosen, for fdnn_plan_layout
  FDNN_LAYOUT_SOURCE = 0,
  FDNN_LAYOUT_WEIGHTS,
  FDNN_LAYOUT_DESTINATION,
  FDNN_LAYOUT_SOURCE_GRADIENT,
  FDNN_LAYOUT_WEIGHTS_GRADIENT,
  FDNN_LAYOUT_DESTINATION_GRADIENT,
  FDNN_LAYOUT_WORKSPACE,
  FDNN_LAYOUT_SCRATCHPAD,
};

enum {  // roles of arguments; the values are oneDNN's own, the same in 2.x and 3.x (checked when dnn.c compiles)
  FDNN_ARGUMENT_SOURCE = 1,
  FDNN_ARGUMENT_DESTINATION = 17,
  FDNN_ARGUMENT_WEIGHTS = 33,
  FDNN_ARGUMENT_BIAS = 41,
  FDNN_ARGUMENT_WORKSPACE = 64,
  FDNN_ARGUMENT_SCRATCHPAD = 80,
  FDNN_ARGUMENT_SOURCE_GRADIENT = 129,
  FDNN_ARGUMENT_DESTINATION_GRADIENT = 145,
  FDNN_ARGUMENT_WEIGHTS_GRADIENT = 161,
  FDNN_ARGUMENT_BIAS_GRADIENT = 169,
};

// What failed last on the calling thread, such as "convolution forward: unimplemented". Valid until its next failure.
const char *fdnn_last_error(void);

// Version of the library that is loaded, such as "2.6.3", and the instruction set that it uses, such as "avx512_core".
const char *fdnn_version(void);
const char *fdnn_instruction_set(void);

// Lets oneDNN use `count` OpenMP threads inside one operation that the calling thread creates or runs.
// Without OpenMP in the process there is nothing to set.
void fdnn_set_operation_threads(int count);

int fdnn_stream_create(fdnn_stream **result);
void fdnn_stream_destroy(fdnn_stream *stream);

// A layout of float32 elements with 1 to 5 axes.
int fdnn_layout_create(fdnn_layout **result, int axes, const int64_t *shape, int order);
void fdnn_layout_destroy(fdnn_layout *layout);
size_t fdnn_layout_bytes(const fdnn_layout *layout);
int fdnn_layout_equal(const fdnn_layout *a, const fdnn_layout *b);

// Memory of a layout, allocated, aligned to 64 bytes and filled with zeros: the padding of blocked layouts must be zero, or
// results are silently wrong.
int fdnn_memory_create(fdnn_memory **result, const fdnn_layout *layout);
// Memory of a layout at a place of the caller's. NULL is allowed until the first operation runs on it.
int fdnn_memory_create_at(fdnn_memory **result, const fdnn_layout *layout, void *bytes);
void fdnn_memory_destroy(fdnn_memory *memory);
void *fdnn_memory_bytes(const fdnn_memory *memory);
const fdnn_layout *fdnn_memory_layout(const fdnn_memory *memory);
// Points the memory elsewhere. Operations that it is bound to use the new place from then on.
int fdnn_memory_set_bytes(fdnn_memory *memory, void *bytes);

// Plans. `training` keeps what the backward pass needs (the workspace of max-pool); `relu` applies max(x, 0) to the result.
// `spatial` is the number of spatial axes (2 or 3); `stride`, `kernel`, `padding_begin`, `padding_end` have one entry for each.
// `forward` of a backward plan is the plan of its forward pass.
int fdnn_convolution_forward(
    fdnn_plan **result, int training, int relu, const fdnn_layout *source, const fdnn_layout *weights,
    const fdnn_layout *bias, const fdnn_layout *destination, const int64_t *stride, const int64_t *padding_begin,
    const int64_t *padding_end);
int fdnn_convolution_backward_data(
    fdnn_plan **result, const fdnn_layout *source_gradient, const fdnn_layout *weights,
    const fdnn_layout *destination_gradient, const int64_t *stride, const int64_t *padding_begin,
    const int64_t *padding_end, const fdnn_plan *forward);
int fdnn_convolution_backward_weights(
    fdnn_plan **result, const fdnn_layout *source, const fdnn_layout *weights_gradient,
    const fdnn_layout *bias_gradient, const fdnn_layout *destination_gradient, const int64_t *stride,
    const int64_t *padding_begin, const int64_t *padding_end, const fdnn_plan *forward);

int fdnn_inner_product_forward(
    fdnn_plan **result, int training, int relu, const fdnn_layout *source, const fdnn_layout *weights,
    const fdnn_layout *bias, const fdnn_layout *destination);
int fdnn_inner_product_backward_data(
    fdnn_plan **result, const fdnn_layout *source_gradient, const fdnn_layout *weights,
    const fdnn_layout *destination_gradient, const fdnn_plan *forward);
int fdnn_inner_product_backward_weights(
    fdnn_plan **result, const fdnn_layout *source, const fdnn_layout *weights_gradient,
    const fdnn_layout *bias_gradient, const fdnn_layout *destination_gradient, const fdnn_plan *forward);

int fdnn_max_pool_forward(
    fdnn_plan **result, int training, const fdnn_layout *source, const fdnn_layout *destination, const int64_t *kernel,
    const int64_t *stride, const int64_t *padding_begin, const int64_t *padding_end);
int fdnn_max_pool_backward(
    fdnn_plan **result, const fdnn_layout *source_gradient, const fdnn_layout *destination_gradient,
    const int64_t *kernel, const int64_t *stride, const int64_t *padding_begin, const int64_t *padding_end,
    const fdnn_plan *forward);

// Gradient of max(x, 0) from its result: arguments destination, destination gradient, source gradient (in place allowed).
int fdnn_relu_backward(fdnn_plan **result, const fdnn_layout *destination, const fdnn_layout *gradient);

// Copies between two layouts of one shape: arguments source and destination.
int fdnn_reorder(fdnn_plan **result, const fdnn_layout *source, const fdnn_layout *destination);

void fdnn_plan_destroy(fdnn_plan *plan);
// The layout that the plan has chosen; *result is NULL if it needs none (no workspace, no scratchpad).
int fdnn_plan_layout(fdnn_layout **result, const fdnn_plan *plan, int which);
// The name of the implementation, such as "jit:avx512_core". Valid as long as the plan.
const char *fdnn_plan_implementation(const fdnn_plan *plan);

// Compiles a plan and binds its arguments: `count` pairs of a role and a memory. The memories must outlive the operation.
int fdnn_operation_create(
    fdnn_operation **result, const fdnn_plan *plan, int count, const int *roles, fdnn_memory *const *memories);
int fdnn_operation_run(const fdnn_operation *operation, fdnn_stream *stream);
void fdnn_operation_destroy(fdnn_operation *operation);

// Whole vector loops of the training step; FingalNet's tests hold a readable twin of each.

// sum[i] += addend[i]
void fdnn_add(float *sum, const float *addend, size_t count);

// 1 if |value| < limit for all values, else 0. NaN is never below; with a limit of infinity it says whether all are finite.
int fdnn_all_below(const float *values, size_t count, float limit);

// One step of Adam as in Keras (D. Kingma, J. Ba, arXiv:1412.6980, end of section 2):
// m += (g − m)(1 − beta1), v += (g² − v)(1 − beta2), w −= alpha · m / (√v + epsilon),
// where alpha = learning rate · √(1 − beta2^t) / (1 − beta1^t) is given by the caller.
void fdnn_adam(
    float *weights, const float *gradient, float *first_moment, float *second_moment, size_t count, float alpha,
    float beta1, float beta2, float epsilon);

#ifdef __cplusplus
}
#endif
#endif
