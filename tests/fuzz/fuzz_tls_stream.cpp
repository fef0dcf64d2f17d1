// The record path of TLS: a real client, in memory, whose bytes are cut, joined by others, broken
// off. What is shown must be what was sent, and nothing may be left in the end.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <saker/async/event_loop.hpp>

#include "fuzz_input.hpp"
#include "io/tls_stream.hpp"
#include "observe/log.hpp"
#include "support/memory_stream.hpp"
#include "support/memory_tls_client.hpp"
#include "support/temporary_directory.hpp"
#include "support/test_certificate.hpp"

namespace {

using saker::fuzz::require;

/// Sends back what it is shown, and takes less than it is shown now and then.
class echo final : public saker::async::disposable, public saker::io::stream_handler {
 public:
  echo(std::unique_ptr<saker::io::byte_stream> stream, std::string& shown)
      : loop_(stream->loop()), stream_(std::move(stream)), shown_(shown) {
    stream_->set_handler(this);
  }

  std::size_t on_read(std::span<std::byte> data) override {
    if (data.empty()) return 0;
    const auto used = data.size() > 5 && ++calls_ % 3 == 0 ? data.size() - 5 : data.size();
    shown_.append(reinterpret_cast<const char*>(data.data()), used);
    stream_->write(data.first(used));
    if (calls_ % 7 == 6) {
      stream_->pause_reading();
      loop_.post([this, alive = alive_] {
        if (*alive && stream_) stream_->resume_reading();
      });
    }
    return used;
  }
  void on_read_end() override { end(true); }
  void on_error(std::error_code) override { end(false); }
  void on_drained() override {}
  std::size_t read_budget() const noexcept override { return 10'000; }

  void end(bool in_order) {
    if (!stream_) return;
    *alive_ = false;
    if (in_order) {
      saker::io::close_in_order(std::move(stream_));
    } else {
      stream_->abort();
      loop_.state().retire(std::move(stream_));
    }
    loop_.state().drop(*this);
  }

 private:
  saker::event_loop& loop_;
  std::unique_ptr<saker::io::byte_stream> stream_;
  std::string& shown_;
  int calls_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

saker::io::tls_server& server() {
  static const saker::testing::temporary_directory directory;
  static saker::io::tls_server made([] {
    const auto certificate = saker::testing::test_certificate::for_server("fuzz");
    saker::tls_options options;
    options.certificates = {{{},
                             directory.write("a.crt", certificate.certificate_pem()),
                             directory.write("a.key", certificate.key_pem()),
                             {}}};
    return options;
  }());
  return made;
}

class world {
 public:
  world() { saker::observe::set_log_level(saker::observe::log_level::off); }

  void run(saker::fuzz::input input) {
    peer_ = std::make_shared<saker::testing::peer>();
    client_.emplace();
    shown_.clear();
    honest_ = true;
    splits_ = input.splits();
    turn([&] {
      auto below = std::make_unique<saker::testing::stream>(loop_, peer_);
      auto stream = std::make_unique<saker::io::tls_stream>(std::move(below), server(), "no");
      loop_.state().keep(std::make_unique<echo>(std::move(stream), shown_));
    });
    if (input.byte() % 8 != 0) shake_hands();
    while (!input.rest().empty()) step(input);
    finish();
  }

 private:
  template <class Action>
  void turn(Action action) {
    loop_.post(std::move(action));
    loop_.post([this] { loop_.stop(); });
    loop_.run();
  }
  /// In the pieces of the splits.
  void send(std::string_view data) {
    while (!data.empty()) {
      const auto size = splits_.next(data.size());
      turn([&] { peer_->send(std::as_bytes(std::span(data.substr(0, size)))); });
      data.remove_prefix(size);
    }
  }
  void exchange() {
    turn([&] { peer_->read(saker::fuzz::ended); });
    send(client_->advance(std::exchange(peer_->received, {})));
  }
  void shake_hands() {
    for (int i = 0; i < 5; ++i) exchange();
    require(client_->is_ready(), "an honest client gets its handshake");
  }

  void step(saker::fuzz::input& script) {
    const auto choice = script.byte();
    switch (choice >> 4) {
      case 0:
      case 1:
      case 2:
      case 3: send(client_->encrypt(text_of(script.bytes(choice & 63U)))); break;
      case 4: send(client_->encrypt(std::string((choice & 15U) * 3000U, 'x'))); break;
      case 5: exchange(); break;
      case 6: turn([&] { peer_->read((choice & 15U) * 64U); }); break;
      case 7: turn([] {}); break;
      case 8:
        honest_ = false;
        send(text_of(script.bytes(choice & 15U)));
        break;
      case 9:
        if (choice == 0x91) turn([&] { peer_->end(); });
        if (choice == 0x92) turn([&] { peer_->reset(); });
        if (choice == 0x93) send(client_->end());
        honest_ = honest_ && (choice < 0x91 || choice > 0x93);
        break;
      default:
        honest_ = false;
        send(text_of(script.bytes(script.rest().size())));
        break;
    }
  }

  void finish() {
    require(client_->sent.starts_with(shown_), "what is shown is what was sent");
    for (int i = 0; i < 200; ++i) {
      const auto before = client_->received.size() + shown_.size();
      exchange();
      if (i > 10 && before == client_->received.size() + shown_.size()) break;
    }
    if (honest_ && client_->is_ready()) {
      require(shown_ == client_->sent, "all of it is shown");
      require(client_->received == client_->sent, "all of it comes back");
    }
    turn([&] { peer_->end(); });
    for (int i = 0; i < 5; ++i) turn([&] { peer_->read(saker::fuzz::ended); });
    turn([&] { peer_->reset(); });
    for (int i = 0; i < 3; ++i) turn([] {});
    require(loop_.state().open_connections() == 0, "no connection is left open");
    require(!peer_->is_connected(), "no stream is left");
  }

  static std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::shared_ptr<saker::testing::peer> peer_;
  saker::event_loop loop_;
  std::optional<saker::testing::memory_tls_client> client_;
  std::string shown_;
  bool honest_ = true;
  saker::fuzz::splitter splits_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static world instance;
  instance.run(saker::fuzz::input(data, size));
  return 0;
}
