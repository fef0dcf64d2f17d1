#pragma once

namespace saker::app {

/// What begins and ends with the application, beside its loops. Called by the thread that starts
/// the application, or waits for its end.
class hosted_service {
 public:
  virtual ~hosted_service() = default;
  /// Before the first connection is accepted; must not wait.
  virtual void start() = 0;
  /// After the last connection has ended.
  virtual void stop() = 0;
};

}  // namespace saker::app
