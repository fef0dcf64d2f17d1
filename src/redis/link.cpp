#include "redis/link.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "async/loop_state.hpp"

namespace saker::redis {
namespace {

/// Servers that have lost Redis in the same moment do not come back in the same moment.
std::chrono::milliseconds spread(std::chrono::milliseconds time) {
  static thread_local std::minstd_rand random{std::random_device()()};
  return time / 2 + std::chrono::milliseconds(
                        std::uniform_int_distribution<long>(0, time.count() / 2)(random));
}

}  // namespace

link::link(event_loop& loop, const link_settings& settings, address where, link_user& user)
    : loop_(loop),
      settings_(settings),
      where_(std::move(where)),
      user_(user),
      keep_alive_([](void* self) { static_cast<link*>(self)->look_after(); }, this) {}

void link::start() {
  ++tasks_;
  spawn(loop_, run());
}

void link::stop() {
  stop_.request_stop();
  drop("stopped");
}

void link::drop(std::string why) {
  if (!session_) return;
  if (drop_reason_.empty()) drop_reason_ = std::move(why);
  session_->close();
}

void link::send(std::string_view commands) {
  if (!is_up()) return;
  output_.queued += commands;
  if (std::exchange(output_.has_writer, true)) return;
  ++tasks_;
  spawn(loop_, write_output(session_));
}

task<void> link::run() {
  auto pause = settings_.minimum_reconnect_delay;
  const auto stop = stop_.get_token();
  while (!stop.stop_requested()) {
    std::string why;
    try {
      drop_reason_.clear();
      auto connecting = connect();
      co_await connecting;
      pause = settings_.minimum_reconnect_delay;
      peer_ = peer::silent;
      keep_alive_.set(loop_.state().deadlines(), settings_.keep_alive_interval);
      user_.on_up();
      auto reading = read_replies(session_);
      co_await reading;
    } catch (const std::exception& error) {
      why = drop_reason_.empty() ? error.what() : drop_reason_;
    }
    peer_ = peer::down;
    keep_alive_.clear();
    output_ = {};
    if (session_) std::exchange(session_, nullptr)->close();
    if (stop.stop_requested()) break;
    user_.on_down(why);
    try {
      auto waiting = delay(spread(pause), stop);
      co_await waiting;
    } catch (const std::system_error&) {
      break;
    }
    pause = std::min(pause * 2, settings_.maximum_reconnect_delay);
  }
  --tasks_;
}

task<void> link::connect() {
  auto where = where_;
  if (!settings_.sentinels.empty()) {
    auto finding = find_master();
    where = co_await finding;
  }
  session_ = std::make_shared<session>(loop_, settings_, settings_.tls.get());
  const auto made = session_;
  auto opening = made->open(std::move(where));
  co_await opening;
  auto signing_in = made->sign_in(settings_.user, settings_.password);
  co_await signing_in;
  if (settings_.database != 0) {
    auto selecting = made->ask(command({"SELECT", std::to_string(settings_.database)}));
    co_await selecting;
  }
  if (!settings_.sentinels.empty()) {
    auto asking = made->ask(command({"ROLE"}));
    const auto role = co_await asking;
    const auto parts = elements_of(*role);
    if (parts.empty() || text_of(*parts.front()) != "master") {
      throw redis_error("The Sentinels name a server that is no master (yet).");
    }
  }
  try {
    auto naming = made->ask(command({"CLIENT", "SETNAME", settings_.client_name}));
    co_await naming;
  } catch (const refusal&) {
    // Only for people who look; some are not allowed to.
  }
  made->end_limit();
}

task<address> link::find_master() {
  std::string why;
  for (const auto& each : settings_.sentinels) {
    try {
      session_ = std::make_shared<session>(loop_, settings_, settings_.tls.get());
      const auto made = session_;
      auto opening = made->open(each);
      co_await opening;
      auto signing_in = made->sign_in(settings_.sentinel_user, settings_.sentinel_password);
      co_await signing_in;
      auto asking =
          made->ask(command({"SENTINEL", "get-master-addr-by-name", settings_.sentinel_master}));
      const auto answer = co_await asking;
      made->end_limit();
      made->close();
      const auto parts = elements_of(*answer);
      if (parts.size() == 2) {
        address master{std::string(text_of(*parts[0])), 0};
        master.port = parse_port(text_of(*parts[1]));
        co_return master;
      }
      why = "The Sentinel " + each.text() + " does not know '" + settings_.sentinel_master + "'.";
    } catch (const std::exception& error) {
      why = error.what();
    }
  }
  throw redis_error("No Sentinel names a master: " + why);
}

task<void> link::read_replies(std::shared_ptr<session> from) {
  for (;;) {
    while (const auto each = from->reader().next()) {
      peer_ = peer::heard;
      user_.on_reply(*each);
    }
    auto reading = from->read_more();
    co_await reading;
  }
}

task<void> link::write_output(std::shared_ptr<session> to) {
  while (is_up() && session_ == to && !output_.queued.empty()) {
    const auto taken = std::exchange(output_.queued, {});
    output_.writing = taken.size();
    try {
      auto writing = to->socket().write(taken);
      co_await writing;
    } catch (const std::exception&) {
      to->close();  // Who reads says what has happened.
      break;
    }
    if (session_ == to) output_.writing = 0;
  }
  if (session_ == to) output_.has_writer = false;
  --tasks_;
}

void link::look_after() {
  if (peer_ == peer::asked) {
    drop("Redis has not answered for " + std::to_string(2 * settings_.keep_alive_interval.count()) +
         " ms.");
    return;
  }
  const bool asks = peer_ == peer::silent;
  peer_ = asks ? peer::asked : peer::silent;
  if (asks) user_.on_idle();
  keep_alive_.set(loop_.state().deadlines(), settings_.keep_alive_interval);
}

}  // namespace saker::redis
