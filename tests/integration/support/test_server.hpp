#pragma once

#include <saker/app/web_application.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace saker::testing {

/// A server on a free port of 127.0.0.1, from construction to destruction.
///
/// Owner: the test. Thread rule: that of web_application; handlers run on the server's threads.
class test_server {
 public:
  using configuration = std::function<void(web_application&)>;

  /// The same over TLS, with a certificate of its own for 127.0.0.1.
  struct secure {};
  test_server(secure, const configuration& configure, unsigned threads = 1)
      : test_server(
            [&](web_application& app) {
              serve_securely(app);
              configure(app);
            },
            threads) {}

  /// `configure` may change everything that is set before it is called, the endpoint too.
  explicit test_server(const configuration& configure, unsigned threads = 1) {
    app_.set_urls("http://127.0.0.1:0");
    app_.set_threads(threads);
    app_.set_log_level("off");
    app_.set_shutdown_timeout(std::chrono::milliseconds(5'000));
    configure(app_);
    app_.start();
  }
  test_server(const test_server&) = delete;
  test_server& operator=(const test_server&) = delete;
  ~test_server() { stop(); }

  /// Asks the server to end and waits until it has.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    app_.stop();
    app_.wait();
  }

  /// The port of the first endpoint.
  std::uint16_t port() const {
    const auto url = app_.urls().at(0);
    return static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  }

  web_application& app() noexcept { return app_; }

 private:
  static void serve_securely(web_application& app);

  web_application app_;
  bool stopped_ = false;
};

}  // namespace saker::testing
