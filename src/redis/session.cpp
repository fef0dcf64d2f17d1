#include "redis/session.hpp"

#include <utility>

#include "async/loop_state.hpp"

namespace saker::redis {
namespace {

constexpr std::size_t read_size = 64 * 1024;

}  // namespace

session::session(event_loop& loop, const link_settings& settings, tls_client* tls)
    : socket_(loop, tls),
      buffer_(read_size),
      limit_(
          [](void* self) {
            static_cast<session*>(self)->timed_out_ = true;
            static_cast<session*>(self)->close();
          },
          this),
      loop_(loop),
      time_(settings.connect_timeout) {}

task<void> session::open(address where) {
  limit_.set(loop_.state().deadlines(), time_);
  std::string why;
  try {
    auto connecting = socket_.connect(where);
    co_await connecting;
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (timed_out_) why = "it took more than " + std::to_string(time_.count()) + " ms.";
  if (!why.empty()) throw redis_error("Cannot connect to " + where.text() + ": " + why);
}

task<void> session::read_more() {
  std::string why;
  std::size_t count = 0;
  try {
    auto reading = socket_.read(buffer_);
    count = co_await reading;
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (timed_out_) why = "No answer within " + std::to_string(time_.count()) + " ms.";
  if (!why.empty()) throw redis_error(why);
  reader_.feed(std::span(buffer_).first(count));
}

task<owned_reply> session::ask(std::string request) {
  auto writing = socket_.write(request);
  co_await writing;
  for (;;) {
    auto answer = reader_.next();
    if (answer) {
      if (is_error(*answer)) throw refusal(text_of(*answer));
      co_return answer;
    }
    auto reading = read_more();
    co_await reading;
  }
}

task<void> session::sign_in(std::string user, std::string password) {
  if (password.empty()) co_return;
  auto asking = ask(user.empty() ? command({"AUTH", password}) : command({"AUTH", user, password}));
  co_await asking;
}

}  // namespace saker::redis
