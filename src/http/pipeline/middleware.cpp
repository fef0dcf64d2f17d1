#include <saker/http/pipeline/middleware.hpp>

#include <stdexcept>
#include <utility>

#include <saker/http/message/error.hpp>

#include "async/root_task.hpp"
#include "http/exchange/failure.hpp"
#include "http/message/path_prefix.hpp"

namespace saker {

namespace {

/// One component with all that comes after it. Shared, so that a pipeline can be copied and its
/// `next` values stay valid.
struct stage {
  middleware component;
  request_delegate rest;
};

task<void> answer_not_found(http_context& context) {
  if (!context.response().has_started()) context.response().set_status(404);
  co_return;
}

/// Moves the front of the path to the base for as long as it lives.
class base_scope {
 public:
  base_scope(http_request& request, std::size_t bytes) noexcept : request_(request), bytes_(bytes) {
    request_.move_to_base(bytes_);
  }
  ~base_scope() { request_.move_from_base(bytes_); }
  base_scope(const base_scope&) = delete;
  base_scope& operator=(const base_scope&) = delete;

 private:
  http_request& request_;
  std::size_t bytes_;
};

task<void> run_branch(http_context& context, const request_delegate& branch, std::size_t bytes) {
  base_scope scope(context.request(), bytes);
  auto work = branch(context);
  co_await work;
}

request_delegate build_branch(const std::function<void(application_builder&)>& configure) {
  if (!configure) throw std::invalid_argument("A branch needs a function that configures it.");
  application_builder branch;
  configure(branch);
  return branch.build();
}

}  // namespace

task<void> next::operator()() const {
  try {
    auto work = (*rest_)(*context_);
    // Not a coroutine around it: its frame would last as long as a WebSocket.
    if (!context_->is_detachable(work)) {
      async::root_task::watch(work, context_->failure_listener());
    }
    return work;
  } catch (const http_error&) {
    if (!http::answer_http_error(*context_, std::current_exception())) throw;
    return {};
  }
}

application_builder& application_builder::use(middleware component) {
  if (!component) throw std::invalid_argument("A middleware must not be empty.");
  components_.push_back(std::move(component));
  return *this;
}

application_builder& application_builder::run(request_delegate handler) {
  if (!handler) throw std::invalid_argument("A handler must not be empty.");
  return use(
      [handler = std::move(handler)](http_context& context, next) { return handler(context); });
}

application_builder& application_builder::map(
    std::string_view prefix, const std::function<void(application_builder&)>& configure) {
  http::require_path_prefix(prefix, "The path of a branch");
  return use([prefix = std::string(prefix), branch = build_branch(configure)](http_context& context,
                                                                              next rest) {
    if (!http::starts_with_segments(context.request().path(), prefix)) return rest();
    return run_branch(context, branch, prefix.size());
  });
}

application_builder& application_builder::map_when(
    std::function<bool(const http_context&)> predicate,
    const std::function<void(application_builder&)>& configure) {
  if (!predicate) throw std::invalid_argument("The predicate of a branch must not be empty.");
  return use([predicate = std::move(predicate), branch = build_branch(configure)](
                 http_context& context, next rest) {
    return predicate(context) ? branch(context) : rest();
  });
}

request_delegate application_builder::build(request_delegate last) const {
  request_delegate rest = last ? std::move(last) : request_delegate(answer_not_found);
  for (auto component = components_.rbegin(); component != components_.rend(); ++component) {
    auto built = std::make_shared<const stage>(stage{*component, std::move(rest)});
    rest = [built = std::move(built)](http_context& context) {
      return built->component(context, next(built->rest, context));
    };
  }
  return rest;
}

}  // namespace saker
