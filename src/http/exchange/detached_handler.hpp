#pragma once

#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include <saker/async/task.hpp>

#include "async/disposable.hpp"
#include "async/root_task.hpp"
#include "http/exchange/upgrade.hpp"

namespace saker {
class event_loop;
class http_context;
}  // namespace saker

namespace saker::http {

/// Runs the handler of an upgraded request that needs nothing of the request: the request, its
/// fields, and on HTTP/1.1 the connection that has read them, go while the socket lives.
///
/// Owner: the loop, until the handler has ended.
class detached_handler final : public async::disposable,
                               public upgrade_host,
                               private async::task_listener {
 public:
  /// Takes over the handler, which is the whole of the application's work on the request: the
  /// context may go then. It is to be started.
  static detached_handler& make(const http_context& context, event_loop& loop, task<void> work,
                                std::shared_ptr<upgraded_protocol> protocol);

  detached_handler(const http_context& context, task<void> work,
                   std::shared_ptr<upgraded_protocol> protocol);
  ~detached_handler() override;

  /// Runs the handler, and tells the owner, if there is one, when it has ended.
  void start(async::task_listener* owner);

  void report_work(async::work_report& to) const override;
  /// Nobody is left who asks whether the request was aborted.
  void on_upgraded_lost() noexcept override {}

 private:
  void on_task_done(std::exception_ptr exception) noexcept override;

  std::shared_ptr<upgraded_protocol> protocol_;
  async::root_task task_;
  async::task_listener* owner_ = nullptr;
  std::unique_ptr<const char[]> name_;  ///< For people: a method and a path.
};

}  // namespace saker::http
