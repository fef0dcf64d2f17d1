#pragma once

namespace saker {

/// Begins and ends with the application: a clock, a connection to another system.
///
/// Owner: the service_collection that it was added to. Thread rule: `start` is called by the thread
/// that starts the application, `stop` by the one that waits for its end. Errors: what `start`
/// throws, `web_application::start` throws; services that have started by then are stopped.
///
/// Example:
/// ```cpp
/// class ticker final : public hosted_service {
///  public:
///   void start() override {
///     thread_ = std::jthread([](std::stop_token stop) {
///       while (!stop.stop_requested()) std::this_thread::sleep_for(1s);
///     });
///   }
///   void stop() override { thread_ = {}; }
///
///  private:
///   std::jthread thread_;
/// };
///
/// inline void add_ticker(web_application& to) {
///   to.services().add_hosted_service(std::make_shared<ticker>());
/// }
/// ```
class hosted_service {
 public:
  hosted_service() = default;
  hosted_service(const hosted_service&) = delete;
  hosted_service& operator=(const hosted_service&) = delete;
  virtual ~hosted_service() = default;

  /// Called before the first connection is accepted; must not wait.
  virtual void start() = 0;
  /// Called after the last connection has ended, in reverse order of the starts.
  virtual void stop() = 0;
};

}  // namespace saker
