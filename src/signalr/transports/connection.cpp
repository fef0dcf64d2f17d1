#include "signalr/transports/connection.hpp"

#include <algorithm>
#include <utility>

#include "async/resume_on.hpp"
#include "observe/log.hpp"
#include "signalr/transports/connection_endpoint.hpp"
#include "signalr/transports/heartbeat.hpp"
#include "websocket/lifetime/connection.hpp"

namespace saker::signalr {
namespace {

bool are_same(const claims_principal& left, const claims_principal& right) {
  return left.expires() == right.expires() &&
         std::equal(left.claims().begin(), left.claims().end(), right.claims().begin(),
                    right.claims().end(), [](const claim& one, const claim& other) {
                      return one.type == other.type && one.value == other.value;
                    });
}

constexpr async::work_kind application_work{"SignalR connection", "SignalR connections", true};

}  // namespace

connection::connection(connection_endpoint& endpoint, std::string id, std::string token,
                       bool stateful_reconnect)
    : endpoint_(endpoint),
      id_(std::move(id)),
      token_(std::move(token)),
      loop_(event_loop::current()),
      input_(endpoint_.options().application_max_buffer_size),
      output_(*this, endpoint_.options()),
      user_(std::make_shared<const claims_principal>()),
      reconnect_(stateful_reconnect),
      reconnect_was_agreed_(stateful_reconnect),
      began_(std::chrono::steady_clock::now()) {
  settle_here();
  inactive_since_ = now();
}

connection::~connection() = default;

const connection_options& connection::options() const noexcept { return endpoint_.options(); }

std::uint64_t connection::now() const noexcept { return loop().state().deadlines().coarse_now(); }

std::map<std::string, std::any>& connection::items() {
  if (!items_) items_ = std::make_unique<std::map<std::string, std::any>>();
  return *items_;
}

connection::waiting_requests& connection::waiting() {
  if (!waiting_) waiting_ = std::make_unique<waiting_requests>();
  return *waiting_;
}

task<void> connection::enter() {
  for (;;) {
    auto& home = loop();
    async::resume_on there(&home);
    co_await there;
    if (&home == &loop()) break;
  }
}

void connection::settle_here() {
  auto& loop = *event_loop::current();
  loop_.store(&loop, std::memory_order_release);
  loop.state().stoppables().push_back(*this);
  loop.state().local<heartbeat>().add(*this);
}

void connection::begin(http_context& context) {
  user_ = context.shared_user();
  first_request_ = &context;
}

const request_info& connection::request() {
  if (!request_) request_ = std::make_unique<const request_info>(*first_request_);
  return *request_;
}

bool connection::is_same_user(const claims_principal& user) const {
  try {
    return application_ ? application_->is_same_user(user)
                        : user_->name_identifier() == user.name_identifier();
  } catch (...) {
    observe::log(observe::log_level::error, "A connection's user is not known: " +
                                                observe::describe(std::current_exception()));
    return false;
  }
}

refresh_result connection::meet_user(const std::shared_ptr<const claims_principal>& user) {
  if (!user->is_authenticated() || are_same(*user_, *user)) return refresh_result::taken;
  const bool is_newer =
      !user->expires() || !user_->expires() || *user->expires() > *user_->expires();
  if (is_newer) return refresh_user(user);
  return is_same_user(*user) ? refresh_result::taken : refresh_result::other_user;
}

refresh_result connection::refresh_user(const std::shared_ptr<const claims_principal>& user) {
  if (!is_same_user(*user)) return refresh_result::other_user;
  const auto& may = options().on_authentication_refresh;
  try {
    if (may && !may(*user_, *user)) return refresh_result::refused;
  } catch (...) {
    observe::log(observe::log_level::error, "A connection's on_authentication_refresh failed: " +
                                                observe::describe(std::current_exception()));
    return refresh_result::refused;
  }
  user_ = user;
  if (application_ && options().enable_authentication_refresh) application_->on_user_refreshed();
  return refresh_result::taken;
}

task<claim_result> connection::claim(transport_type wanted, event_loop& loop,
                                     std::shared_ptr<const claims_principal> user) {
  {
    auto entering = enter();
    co_await entering;
  }
  auto claiming = claim_here(wanted, user);
  const auto result = co_await claiming;
  if (result != claim_result::claimed) co_return result;
  if (!started_ && !loop.is_current()) {
    // Nothing runs on it yet: it moves to where its transport is.
    list_node<connection>::unlink();
    list_node<async::stoppable>::unlink();
    loop_.store(&loop, std::memory_order_release);
    async::resume_on there(&loop);
    co_await there;
    if (!disposed_) settle_here();
  }
  co_return disposed_ ? claim_result::gone : result;
}

task<claim_result> connection::claim_here(transport_type wanted,
                                          const std::shared_ptr<const claims_principal>& user) {
  if (disposed_) co_return claim_result::gone;
  if (!includes(options().transports, wanted)) co_return claim_result::unsupported;
  if (transport_ != transport_type::none && transport_ != wanted) {
    co_return claim_result::other_transport;
  }
  if (started_ && meet_user(user) != refresh_result::taken) {
    co_return claim_result::refused;
  }
  auto result = claim_result::claimed;
  if (wanted == transport_type::long_polling) {
    auto taking = take_over_poll();
    result = co_await taking;
  } else if (wanted == transport_type::websockets && transport_ == wanted) {
    auto taking = take_over_socket();
    result = co_await taking;
  } else if (active_ || ending_) {
    result = active_ ? claim_result::conflict : claim_result::gone;
  }
  if (result != claim_result::claimed) co_return result;
  if (transport_ == transport_type::none) endpoint_.count_begin(wanted);
  transport_ = wanted;
  active_ = true;
  endpoint_.end_waiting(*this);
  co_return result;
}

/// A poll while another one waits takes its place, unless a third one does already.
task<claim_result> connection::take_over_poll() {
  if (ending_) co_return claim_result::gone;
  if (claiming_) co_return claim_result::conflict;
  if (active_) {
    claiming_ = true;
    output_.cancel_wait();
    auto waiting = wait_until_free();
    co_await waiting;
    claiming_ = false;
  }
  co_return disposed_ || ending_ ? claim_result::gone : claim_result::claimed;
}

/// A WebSocket for a connection that has, or had, another one.
task<claim_result> connection::take_over_socket() {
  if (!reconnect_) {
    if (reconnect_was_agreed_ && (ending_ || output_.is_finished())) {
      co_return claim_result::closing;
    }
    co_return active_ ? claim_result::conflict : claim_result::gone;
  }
  if (claiming_) co_return claim_result::conflict;
  if (active_) {
    claiming_ = true;
    if (output_.socket()) output_.socket()->abort();
    input_.interrupt();
    auto waiting = wait_until_free();
    co_await waiting;
    claiming_ = false;
  }
  if (disposed_) co_return claim_result::gone;
  co_return reconnect_ ? claim_result::claimed : claim_result::closing;
}

task<void> connection::wait_until_free() {
  while (active_) {
    const auto source = waiting().for_transport.emplace_back();
    co_await source;
  }
}

void connection::start_application() {
  if (std::exchange(started_, true)) return;
  const auto self = shared_from_this();
  loop().state().start(run_application());
  // Who comes while the server stops has missed being asked to end.
  if (loop().state().is_stopping()) on_stopping();
}

/// What is told may let go of this.
void connection::signal_closed() {
  auto closed = closed_;
  closed.request_stop();
}

task<void> connection::run_application() {
  const auto self = shared_from_this();
  // A stop waits for what ends after the transport: `on_disconnected`.
  const async::activity running(loop().state(), application_work, {});
  bool failed = false;
  try {
    auto work = endpoint_.run(self);
    co_await work;
  } catch (...) {
    failed = true;
    observe::log(observe::log_level::error, "A connection's application failed: " +
                                                observe::describe(std::current_exception()));
  }
  application_ = nullptr;
  application_done_ = true;
  reconnect_ = false;
  input_.close();
  output_.finish(failed);
  signal_closed();
  remove_if_over();
}

void connection::release(bool may_return) {
  active_ = false;
  if (first_request_ && !application_done_) request();
  first_request_ = nullptr;
  note_blocked(false);
  gone_since_ = 0;
  if (transport_ == transport_type::websockets) output_.detach();
  const auto self = shared_from_this();
  if (may_return) {
    note_inactive();
  } else {
    end();
  }
  if (waiting_) {
    for (auto& each : std::exchange(waiting_->for_transport, {})) each.try_set_value();
  }
  remove_if_over();
}

void connection::terminate() {
  const auto self = shared_from_this();
  end();
  output_.cancel_wait();
  remove_if_over();
}

void connection::on_end_told() { end_told_ = true; }

void connection::note_inactive() {
  inactive_since_ = now();
  endpoint_.begin_waiting(shared_from_this());
}

void connection::note_blocked(bool blocked) noexcept {
  blocked_since_ =
      blocked ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
}

void connection::disable_reconnect() noexcept { reconnect_ = false; }

/// No transport carries it any more.
void connection::end() {
  if (std::exchange(ending_, true)) return;
  reconnect_ = false;
  input_.finish();
  output_.abandon();
  if (application_) application_->on_gone();
  if (!started_) application_done_ = true;
  signal_closed();
}

void connection::remove_if_over() {
  if (disposed_ || active_ || !application_done_) return;
  // What a poll has not fetched yet waits for it, as long as polls may come.
  if (!ending_ && transport_ == transport_type::long_polling && !end_told_) return;
  disposed_ = true;
  endpoint_.end_waiting(*this);
  list_node<connection>::unlink();
  list_node<async::stoppable>::unlink();
  if (transport_ != transport_type::none) {
    const auto how = loop().state().is_stopping() ? connection_end::app_shutdown
                     : expired_                   ? connection_end::timeout
                                                  : connection_end::normal_closure;
    endpoint_.count_end(transport_, how, std::chrono::steady_clock::now() - began_);
  }
  endpoint_.remove(*this);
}

void connection::abort() {
  const auto self = shared_from_this();
  reconnect_ = false;
  if (const auto socket = output_.socket()) socket->abort();
  if (transport_ == transport_type::server_sent_events && first_request_) first_request_->abort();
  output_.cancel_wait();
  end();
  // What has arrived is for nobody: answers to it reach the client no more.
  if (application_) application_->on_close_requested();
  remove_if_over();
}

void connection::abort_from_anywhere() {
  auto& home = loop();
  if (home.is_current()) {
    abort();
  } else {
    // It may have moved until that runs.
    home.post([self = shared_from_this()] {
      if (self->loop().is_current()) {
        self->abort();
      } else {
        self->abort_from_anywhere();
      }
    });
  }
}

bool connection::note_cut_off(const char* why) {
  if (cut_off_at_ != 0) return false;
  cut_off_at_ = now();
  observe::log(observe::log_level::warning, "Connection " + id_ + " is cut off: " + why);
  return true;
}

void connection::cut_off(const char* why) {
  if (!note_cut_off(why)) return;
  if (application_) {
    application_->on_cut_off(why);
  } else {
    loop().post([self = shared_from_this()] { self->abort(); });
  }
}

void connection::count_dropped(std::size_t messages) noexcept { endpoint_.count_dropped(messages); }

task<void> connection::lock_input() {
  if (input_locked_) {
    const auto turn = waiting().for_input.emplace_back();
    co_await turn;
  }
  input_locked_ = true;
}

void connection::unlock_input() {
  input_locked_ = false;
  if (!waiting_ || waiting_->for_input.empty()) return;
  // The next one has it before anybody else can take it.
  input_locked_ = true;
  auto next = std::move(waiting_->for_input.front());
  waiting_->for_input.pop_front();
  next.try_set_value();
}

/// Who waits for the application to read does not receive, and so does not see the end. It goes on
/// when there is nothing left to receive; what has arrived comes first, but not for ever.
void connection::look_after_socket() {
  const auto& socket = output_.socket();
  if (!socket) return;
  const auto& behind = *socket->shared();
  const bool gone = behind.lifetime().has_ended() || behind.reader().end_has_arrived();
  if (!gone && !behind.lifetime().has_peer_close()) return;
  if (const auto* const near = output_.near()) {
    if (!near->can_send()) output_.drop_waiting();
    if (gone_since_ == 0) gone_since_ = now();
    const bool late =
        now() >= gone_since_ + async::deadline_wheel::ticks(options().disconnect_timeout);
    // Who has sent a Close may still be waiting for its answers.
    if (!late && (!gone || near->reader().has_unread())) return;
  }
  input_.interrupt();
}

void connection::on_heartbeat() {
  const auto self = shared_from_this();
  look_after_socket();
  const auto time = now();
  if (!active_ && !claiming_ &&
      time >= inactive_since_ + async::deadline_wheel::ticks(options().disconnect_timeout)) {
    expired_ = true;
    end();
    end_told_ = true;
    remove_if_over();
    return;
  }
  const auto send_timeout = options().transport_send_timeout;
  if (blocked_since_ != std::chrono::steady_clock::time_point() && send_timeout.count() != 0 &&
      std::chrono::steady_clock::now() >= blocked_since_ + send_timeout) {
    expired_ = true;
    cut_off("The client has taken nothing for transport_send_timeout.");
    abort();
    return;
  }
  // It has had time to take its Close; one that polls still comes for it.
  if (cut_off_at_ != 0 && active_ &&
      time >= cut_off_at_ + async::deadline_wheel::ticks(options().websocket_close_timeout)) {
    abort();
    return;
  }
  if (application_ && options().close_on_authentication_expiration && user_->expires() &&
      *user_->expires() <= std::chrono::system_clock::now()) {
    application_->on_close_requested();
  }
  if (application_) application_->on_heartbeat();
}

void connection::on_stopping() {
  const auto self = shared_from_this();
  reconnect_ = false;
  if (application_) {
    application_->on_close_requested();
  } else {
    input_.finish();
    signal_closed();
  }
  if (!active_) {
    end();
    remove_if_over();
  }
}

// What a handler of map_connection sees.

const std::string& connection_context::connection_id() const noexcept { return connection_->id(); }

transport_type connection_context::transport() const noexcept { return connection_->transport(); }

const claims_principal& connection_context::user() const noexcept { return *connection_->user(); }

const request_info& connection_context::request() const noexcept { return connection_->request(); }

std::map<std::string, std::any>& connection_context::items() noexcept {
  return connection_->items();
}

task<std::size_t> connection_context::read(std::span<std::byte> buffer) {
  if (rest_.empty()) {
    auto asking = connection_->input().next();
    rest_ = co_await asking;
  }
  const auto count = std::min(buffer.size(), rest_.size());
  std::copy_n(rest_.begin(), count, buffer.begin());
  rest_ = rest_.subspan(count);
  co_return count;
}

task<void> connection_context::write(std::span<const std::byte> data) {
  connection_->output().write(data, connection_->message_type());
  return connection_->output().room();
}

task<void> connection_context::write(std::string_view text) {
  return write(std::as_bytes(std::span(text)));
}

void connection_context::set_transfer_format(transfer_format format) {
  if (format == transfer_format::binary && transport() == transport_type::server_sent_events) {
    throw std::logic_error("Server-Sent Events carry text only.");
  }
  connection_->set_format(format);
}

std::stop_token connection_context::connection_closed() const noexcept {
  return connection_->closed();
}

void connection_context::abort() { connection_->abort_from_anywhere(); }

}  // namespace saker::signalr
