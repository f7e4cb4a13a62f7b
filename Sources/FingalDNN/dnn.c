// oneDNN 2.x (>= 2.6) and 3.x behind one interface; see fingal_dnn.h.
#define _GNU_SOURCE
#include "fingal_dnn.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR >= 3
#define SINCE_3 1
typedef const_dnnl_memory_desc_t descriptor;
#else
#define SINCE_3 0
typedef const dnnl_memory_desc_t *descriptor;
#endif

_Static_assert(
    FDNN_ARGUMENT_SOURCE == DNNL_ARG_SRC && FDNN_ARGUMENT_DESTINATION == DNNL_ARG_DST &&
        FDNN_ARGUMENT_WEIGHTS == DNNL_ARG_WEIGHTS && FDNN_ARGUMENT_BIAS == DNNL_ARG_BIAS &&
        FDNN_ARGUMENT_WORKSPACE == DNNL_ARG_WORKSPACE && FDNN_ARGUMENT_SCRATCHPAD == DNNL_ARG_SCRATCHPAD &&
        FDNN_ARGUMENT_SOURCE_GRADIENT == DNNL_ARG_DIFF_SRC &&
        FDNN_ARGUMENT_DESTINATION_GRADIENT == DNNL_ARG_DIFF_DST &&
        FDNN_ARGUMENT_WEIGHTS_GRADIENT == DNNL_ARG_DIFF_WEIGHTS && FDNN_ARGUMENT_BIAS_GRADIENT == DNNL_ARG_DIFF_BIAS,
    "the roles of arguments are oneDNN's");

enum { MAXIMUM_ARGUMENTS = 8 };

struct fdnn_layout { dnnl_memory_desc_t md; };
struct fdnn_plan { dnnl_primitive_desc_t pd; const char *name; };
struct fdnn_stream { dnnl_stream_t stream; };
struct fdnn_memory {
  dnnl_memory_t memory;
  fdnn_layout *layout;
  void *bytes;
  int owned;
};
struct fdnn_operation {
  dnnl_primitive_t primitive;
  const char *name;
  int count;
  dnnl_exec_arg_t arguments[MAXIMUM_ARGUMENTS];
};

// Errors

static __thread char last_error[160];

const char *fdnn_last_error(void) { return last_error; }

static int failed(const char *what, int status) {
  snprintf(last_error, sizeof last_error, "%s: %s", what, dnnl_status2str((dnnl_status_t)status));
  return status;
}

static int check(const char *what, int status) { return status == dnnl_success ? 0 : failed(what, status); }

// The library

static dnnl_engine_t engine;
static int engine_status;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;

static void create_engine(void) { engine_status = dnnl_engine_create(&engine, dnnl_cpu, 0); }

static int need_engine(void) {
  pthread_once(&engine_once, create_engine);
  return check("starting oneDNN on the CPU", engine_status);
}

const char *fdnn_version(void) {
  static __thread char text[32];
  const dnnl_version_t *v = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
  return text;
}

const char *fdnn_instruction_set(void) { return dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa()); }

void fdnn_set_operation_threads(int count) {
  // Looked up at run time: oneDNN may be built with OpenMP of another maker, or with none.
  void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  if (set) set(count);
}

int fdnn_stream_create(fdnn_stream **result) {
  *result = NULL;
  int status = need_engine();
  if (status) return status;
  fdnn_stream *s = calloc(1, sizeof *s);
  if (!s) return failed("stream", dnnl_out_of_memory);
  status = dnnl_stream_create(&s->stream, engine, dnnl_stream_default_flags);
  if (status) {
    free(s);
    return failed("stream", status);
  }
  *result = s;
  return 0;
}

void fdnn_stream_destroy(fdnn_stream *stream) {
  if (!stream) return;
  dnnl_stream_destroy(stream->stream);
  free(stream);
}

// Layouts

static descriptor md(const fdnn_layout *layout) {
  if (!layout) return NULL;
#if SINCE_3
  return layout->md;
#else
  return &layout->md;
#endif
}

static int shape_of(descriptor d, int *axes, const int64_t **shape) {
#if SINCE_3
  dnnl_dims_t *dims = NULL;
  int status = dnnl_memory_desc_query(d, dnnl_query_ndims_s32, axes);
  if (!status) status = dnnl_memory_desc_query(d, dnnl_query_dims, &dims);
  if (!status) *shape = *dims;
  return status;
#else
  *axes = d->ndims;
  *shape = d->dims;
  return dnnl_success;
#endif
}

static dnnl_format_tag_t tag(int axes, int order) {
  static const dnnl_format_tag_t plain[] = {dnnl_format_tag_undef, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
  if (order == FDNN_ORDER_ANY) return dnnl_format_tag_any;
  return axes >= 1 && axes <= 5 ? plain[axes] : dnnl_format_tag_undef;
}

int fdnn_layout_create(fdnn_layout **result, int axes, const int64_t *shape, int order) {
  *result = NULL;
  fdnn_layout *l = calloc(1, sizeof *l);
  if (!l) return failed("layout", dnnl_out_of_memory);
#if SINCE_3
  int status = dnnl_memory_desc_create_with_tag(&l->md, axes, shape, dnnl_f32, tag(axes, order));
#else
  int status = dnnl_memory_desc_init_by_tag(&l->md, axes, shape, dnnl_f32, tag(axes, order));
#endif
  if (status) {
    free(l);
    return failed("layout", status);
  }
  *result = l;
  return 0;
}

static int copy_layout(fdnn_layout **result, descriptor d) {
  *result = NULL;
  fdnn_layout *l = calloc(1, sizeof *l);
  if (!l) return failed("layout", dnnl_out_of_memory);
#if SINCE_3
  int status = dnnl_memory_desc_clone(&l->md, d);
  if (status) {
    free(l);
    return failed("layout", status);
  }
#else
  l->md = *d;
#endif
  *result = l;
  return 0;
}

void fdnn_layout_destroy(fdnn_layout *layout) {
  if (!layout) return;
#if SINCE_3
  dnnl_memory_desc_destroy(layout->md);
#endif
  free(layout);
}

size_t fdnn_layout_bytes(const fdnn_layout *layout) { return dnnl_memory_desc_get_size(md(layout)); }

int fdnn_layout_equal(const fdnn_layout *a, const fdnn_layout *b) { return dnnl_memory_desc_equal(md(a), md(b)); }

// Memory

static int create_memory(fdnn_memory **result, const fdnn_layout *layout, void *bytes, int owned) {
  *result = NULL;
  fdnn_memory *m = calloc(1, sizeof *m);
  int status = m ? need_engine() : failed("memory", dnnl_out_of_memory);
  if (!status) status = copy_layout(&m->layout, md(layout));
  if (!status) status = check("memory", dnnl_memory_create(&m->memory, md(layout), engine, bytes));
  if (status) {
    fdnn_memory_destroy(m);
    return status;
  }
  m->bytes = bytes;
  m->owned = owned;
  *result = m;
  return 0;
}

int fdnn_memory_create(fdnn_memory **result, const fdnn_layout *layout) {
  *result = NULL;
  // Large blocks start on a page of their own, and kernels may read a vector past the end.
  size_t size = fdnn_layout_bytes(layout) + 64;
  size_t alignment = size >= (1 << 21) ? 4096 : 64;
  size = (size + alignment - 1) / alignment * alignment;
  void *bytes = aligned_alloc(alignment, size);
  if (!bytes) return failed("memory", dnnl_out_of_memory);
  memset(bytes, 0, size);
  int status = create_memory(result, layout, bytes, 1);
  if (status) free(bytes);
  return status;
}

int fdnn_memory_create_at(fdnn_memory **result, const fdnn_layout *layout, void *bytes) {
  return create_memory(result, layout, bytes, 0);
}

void fdnn_memory_destroy(fdnn_memory *memory) {
  if (!memory) return;
  if (memory->memory) dnnl_memory_destroy(memory->memory);
  if (memory->owned) free(memory->bytes);
  fdnn_layout_destroy(memory->layout);
  free(memory);
}

void *fdnn_memory_bytes(const fdnn_memory *memory) { return memory->bytes; }

const fdnn_layout *fdnn_memory_layout(const fdnn_memory *memory) { return memory->layout; }

int fdnn_memory_set_bytes(fdnn_memory *memory, void *bytes) {
  if (memory->owned) return failed("pointing memory elsewhere that owns its bytes", dnnl_invalid_arguments);
  int status = dnnl_memory_set_data_handle(memory->memory, bytes);
  if (status) return failed("pointing memory elsewhere", status);
  memory->bytes = bytes;
  return 0;
}

// Plans

static int attributes(dnnl_primitive_attr_t *result, int relu) {
  int status = need_engine();
  if (status) return status;
  status = dnnl_primitive_attr_create(result);
  if (!status) status = dnnl_primitive_attr_set_scratchpad_mode(*result, dnnl_scratchpad_mode_user);
  if (!status && relu) {
    dnnl_post_ops_t operations = NULL;
    status = dnnl_post_ops_create(&operations);
#if SINCE_3
    if (!status) status = dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0.f, 0.f);
#else
    if (!status) status = dnnl_post_ops_append_eltwise(operations, 1.f, dnnl_eltwise_relu, 0.f, 0.f);
#endif
    if (!status) status = dnnl_primitive_attr_set_post_ops(*result, operations);
    if (operations) dnnl_post_ops_destroy(operations);
  }
  if (status) {
    if (*result) dnnl_primitive_attr_destroy(*result);
    *result = NULL;
    return failed("attributes", status);
  }
  return 0;
}

static int finish(fdnn_plan **result, const char *name, int status, dnnl_primitive_desc_t pd, dnnl_primitive_attr_t a) {
  *result = NULL;
  if (a) dnnl_primitive_attr_destroy(a);
  if (status) return failed(name, status);
  fdnn_plan *p = calloc(1, sizeof *p);
  if (!p) {
    dnnl_primitive_desc_destroy(pd);
    return failed(name, dnnl_out_of_memory);
  }
  p->pd = pd;
  p->name = name;
  *result = p;
  return 0;
}

// A plan in the making: `BEGIN` opens a function's common part, `END` closes it.
#define BEGIN(with_relu)                     \
  dnnl_primitive_desc_t pd = NULL;           \
  dnnl_primitive_attr_t a = NULL;            \
  *result = NULL;                            \
  int status = attributes(&a, with_relu);    \
  if (status) return status
#define END(name) return finish(result, name, status, pd, a)
#define KIND (training ? dnnl_forward_training : dnnl_forward_inference)

#if SINCE_3
static const dnnl_dims_t undilated = {0};
#endif

int fdnn_convolution_forward(
    fdnn_plan **result, int training, int relu, const fdnn_layout *source, const fdnn_layout *weights,
    const fdnn_layout *bias, const fdnn_layout *destination, const int64_t *stride, const int64_t *padding_begin,
    const int64_t *padding_end) {
  BEGIN(relu);
#if SINCE_3
  status = dnnl_convolution_forward_primitive_desc_create(
      &pd, engine, KIND, dnnl_convolution_direct, md(source), md(weights), md(bias), md(destination), stride, undilated,
      padding_begin, padding_end, a);
#else
  dnnl_convolution_desc_t d;
  status = dnnl_convolution_forward_desc_init(
      &d, KIND, dnnl_convolution_direct, md(source), md(weights), md(bias), md(destination), stride, padding_begin,
      padding_end);
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, NULL);
#endif
  END("convolution forward");
}

int fdnn_convolution_backward_data(
    fdnn_plan **result, const fdnn_layout *source_gradient, const fdnn_layout *weights,
    const fdnn_layout *destination_gradient, const int64_t *stride, const int64_t *padding_begin,
    const int64_t *padding_end, const fdnn_plan *forward) {
  BEGIN(0);
#if SINCE_3
  status = dnnl_convolution_backward_data_primitive_desc_create(
      &pd, engine, dnnl_convolution_direct, md(source_gradient), md(weights), md(destination_gradient), stride,
      undilated, padding_begin, padding_end, forward->pd, a);
#else
  dnnl_convolution_desc_t d;
  status = dnnl_convolution_backward_data_desc_init(
      &d, dnnl_convolution_direct, md(source_gradient), md(weights), md(destination_gradient), stride, padding_begin,
      padding_end);
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, forward->pd);
#endif
  END("convolution backward (data)");
}

int fdnn_convolution_backward_weights(
    fdnn_plan **result, const fdnn_layout *source, const fdnn_layout *weights_gradient,
    const fdnn_layout *bias_gradient, const fdnn_layout *destination_gradient, const int64_t *stride,
    const int64_t *padding_begin, const int64_t *padding_end, const fdnn_plan *forward) {
  BEGIN(0);
#if SINCE_3
  status = dnnl_convolution_backward_weights_primitive_desc_create(
      &pd, engine, dnnl_convolution_direct, md(source), md(weights_gradient), md(bias_gradient),
      md(destination_gradient), stride, undilated, padding_begin, padding_end, forward->pd, a);
#else
  dnnl_convolution_desc_t d;
  status = dnnl_convolution_backward_weights_desc_init(
      &d, dnnl_convolution_direct, md(source), md(weights_gradient), md(bias_gradient), md(destination_gradient),
      stride, padding_begin, padding_end);
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, forward->pd);
#endif
  END("convolution backward (weights)");
}

int fdnn_inner_product_forward(
    fdnn_plan **result, int training, int relu, const fdnn_layout *source, const fdnn_layout *weights,
    const fdnn_layout *bias, const fdnn_layout *destination) {
  BEGIN(relu);
#if SINCE_3
  status = dnnl_inner_product_forward_primitive_desc_create(
      &pd, engine, KIND, md(source), md(weights), md(bias), md(destination), a);
#else
  dnnl_inner_product_desc_t d;
  status = dnnl_inner_product_forward_desc_init(&d, KIND, md(source), md(weights), md(bias), md(destination));
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, NULL);
#endif
  END("dense layer forward");
}

int fdnn_inner_product_backward_data(
    fdnn_plan **result, const fdnn_layout *source_gradient, const fdnn_layout *weights,
    const fdnn_layout *destination_gradient, const fdnn_plan *forward) {
  BEGIN(0);
#if SINCE_3
  status = dnnl_inner_product_backward_data_primitive_desc_create(
      &pd, engine, md(source_gradient), md(weights), md(destination_gradient), forward->pd, a);
#else
  dnnl_inner_product_desc_t d;
  status = dnnl_inner_product_backward_data_desc_init(&d, md(source_gradient), md(weights), md(destination_gradient));
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, forward->pd);
#endif
  END("dense layer backward (data)");
}

int fdnn_inner_product_backward_weights(
    fdnn_plan **result, const fdnn_layout *source, const fdnn_layout *weights_gradient,
    const fdnn_layout *bias_gradient, const fdnn_layout *destination_gradient, const fdnn_plan *forward) {
  BEGIN(0);
#if SINCE_3
  status = dnnl_inner_product_backward_weights_primitive_desc_create(
      &pd, engine, md(source), md(weights_gradient), md(bias_gradient), md(destination_gradient), forward->pd, a);
#else
  dnnl_inner_product_desc_t d;
  status = dnnl_inner_product_backward_weights_desc_init(
      &d, md(source), md(weights_gradient), md(bias_gradient), md(destination_gradient));
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, forward->pd);
#endif
  END("dense layer backward (weights)");
}

int fdnn_max_pool_forward(
    fdnn_plan **result, int training, const fdnn_layout *source, const fdnn_layout *destination, const int64_t *kernel,
    const int64_t *stride, const int64_t *padding_begin, const int64_t *padding_end) {
  BEGIN(0);
#if SINCE_3
  status = dnnl_pooling_forward_primitive_desc_create(
      &pd, engine, KIND, dnnl_pooling_max, md(source), md(destination), stride, kernel, undilated, padding_begin,
      padding_end, a);
#else
  dnnl_pooling_desc_t d;
  status = dnnl_pooling_forward_desc_init(
      &d, KIND, dnnl_pooling_max, md(source), md(destination), stride, kernel, padding_begin, padding_end);
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, NULL);
#endif
  END("max-pool forward");
}

int fdnn_max_pool_backward(
    fdnn_plan **result, const fdnn_layout *source_gradient, const fdnn_layout *destination_gradient,
    const int64_t *kernel, const int64_t *stride, const int64_t *padding_begin, const int64_t *padding_end,
    const fdnn_plan *forward) {
  BEGIN(0);
#if SINCE_3
  status = dnnl_pooling_backward_primitive_desc_create(
      &pd, engine, dnnl_pooling_max, md(source_gradient), md(destination_gradient), stride, kernel, undilated,
      padding_begin, padding_end, forward->pd, a);
#else
  dnnl_pooling_desc_t d;
  status = dnnl_pooling_backward_desc_init(
      &d, dnnl_pooling_max, md(source_gradient), md(destination_gradient), stride, kernel, padding_begin, padding_end);
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, forward->pd);
#endif
  END("max-pool backward");
}

int fdnn_relu_backward(fdnn_plan **result, const fdnn_layout *destination, const fdnn_layout *gradient) {
  BEGIN(0);
  dnnl_primitive_desc_t forward = NULL;
  const dnnl_alg_kind_t relu = dnnl_eltwise_relu_use_dst_for_bwd;
#if SINCE_3
  status = dnnl_eltwise_forward_primitive_desc_create(
      &forward, engine, dnnl_forward_training, relu, md(destination), md(destination), 0.f, 0.f, NULL);
  if (!status) {
    status = dnnl_eltwise_backward_primitive_desc_create(
        &pd, engine, relu, md(gradient), md(gradient), md(destination), 0.f, 0.f, forward, a);
  }
#else
  dnnl_eltwise_desc_t d;
  status = dnnl_eltwise_forward_desc_init(&d, dnnl_forward_training, relu, md(destination), 0.f, 0.f);
  if (!status) status = dnnl_primitive_desc_create(&forward, &d, NULL, engine, NULL);
  if (!status) status = dnnl_eltwise_backward_desc_init(&d, relu, md(gradient), md(destination), 0.f, 0.f);
  if (!status) status = dnnl_primitive_desc_create(&pd, &d, a, engine, forward);
#endif
  if (forward) dnnl_primitive_desc_destroy(forward);
  END("ReLU backward");
}

int fdnn_reorder(fdnn_plan **result, const fdnn_layout *source, const fdnn_layout *destination) {
  BEGIN(0);
  status = dnnl_reorder_primitive_desc_create(&pd, md(source), engine, md(destination), engine, a);
  END("reorder");
}

void fdnn_plan_destroy(fdnn_plan *plan) {
  if (!plan) return;
  dnnl_primitive_desc_destroy(plan->pd);
  free(plan);
}

int fdnn_plan_layout(fdnn_layout **result, const fdnn_plan *plan, int which) {
  static const dnnl_query_t queries[] = {
      dnnl_query_src_md,          dnnl_query_weights_md,  dnnl_query_dst_md,       dnnl_query_diff_src_md,
      dnnl_query_diff_weights_md, dnnl_query_diff_dst_md, dnnl_query_workspace_md, dnnl_query_scratchpad_md,
  };
  *result = NULL;
  if (which < 0 || which >= (int)(sizeof queries / sizeof *queries)) {
    return failed("asking a plan for a layout", dnnl_invalid_arguments);
  }
  descriptor d = dnnl_primitive_desc_query_md(plan->pd, queries[which], 0);
  int axes = 0;
  const int64_t *shape = NULL;
  if (!d || shape_of(d, &axes, &shape) || axes == 0 || dnnl_memory_desc_get_size(d) == 0) return 0;
  return copy_layout(result, d);
}

const char *fdnn_plan_implementation(const fdnn_plan *plan) {
  const char *name = NULL;
  if (dnnl_primitive_desc_query(plan->pd, dnnl_query_impl_info_str, 0, &name) || !name) return "unknown";
  return name;
}

// Operations

int fdnn_operation_create(
    fdnn_operation **result, const fdnn_plan *plan, int count, const int *roles, fdnn_memory *const *memories) {
  *result = NULL;
  if (count < 0 || count > MAXIMUM_ARGUMENTS) return failed(plan->name, dnnl_invalid_arguments);
  fdnn_operation *o = calloc(1, sizeof *o);
  if (!o) return failed(plan->name, dnnl_out_of_memory);
  int status = dnnl_primitive_create(&o->primitive, plan->pd);
  if (status) {
    free(o);
    return failed(plan->name, status);
  }
  o->name = plan->name;
  o->count = count;
  for (int i = 0; i < count; i++) {
    o->arguments[i].arg = roles[i];
    o->arguments[i].memory = memories[i]->memory;
  }
  *result = o;
  return 0;
}

int fdnn_operation_run(const fdnn_operation *operation, fdnn_stream *stream) {
  int status = dnnl_primitive_execute(operation->primitive, stream->stream, operation->count, operation->arguments);
  if (!status) status = dnnl_stream_wait(stream->stream);
  return check(operation->name, status);
}

void fdnn_operation_destroy(fdnn_operation *operation) {
  if (!operation) return;
  dnnl_primitive_destroy(operation->primitive);
  free(operation);
}
