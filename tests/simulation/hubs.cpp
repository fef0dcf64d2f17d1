#include "hubs.hpp"

#include <memory>
#include <string>
#include <utility>

#include <saker/signalr.hpp>

namespace saker::simulation {
namespace {

using saker::signalr::hub;
using saker::signalr::hub_error;

/// Methods that answer what is known, and some that do what a hub may do at any time.
class simulated_hub : public hub {
 public:
  explicit simulated_hub(world* in) : world_(in) {}

  static void define(saker::signalr::hub_methods<simulated_hub>& methods) {
    methods.add("Echo", &simulated_hub::echo)
        .add("Slow", &simulated_hub::slow)
        .add("Fail", &simulated_hub::fail)
        .add("Join", &simulated_hub::join)
        .add("Leave", &simulated_hub::leave)
        .add("Tell", &simulated_hub::tell)
        .add("Count", &simulated_hub::count)
        .add("Ask", &simulated_hub::ask)
        .add("Act", &simulated_hub::act);
  }

  std::string echo(std::string text) { return text; }

  task<int> slow(int milliseconds) {
    auto pause = delay(std::chrono::milliseconds(milliseconds));
    co_await pause;
    co_return milliseconds;
  }

  void fail() { throw hub_error("as it is meant to be"); }

  task<int> join(std::string group) {
    auto joining = groups().add_to_group(context().connection_id(), group);
    co_await joining;
    co_return 1;
  }
  task<int> leave(std::string group) {
    auto leaving = groups().remove_from_group(context().connection_id(), group);
    co_await leaving;
    co_return 1;
  }

  int tell(const std::string& group, int size) {
    const std::string text(static_cast<std::size_t>(size), 'm');
    if (group.empty()) {
      clients().all().send("Message", text);
    } else {
      clients().group(group).send("Message", text);
    }
    return size;
  }

  async_generator<int> count(int to) {
    for (int i = 0; i < to; ++i) {
      if (i % 7 == 3) {
        auto pause = delay(std::chrono::milliseconds(i));
        co_await pause;
      }
      co_yield i;
    }
  }

  task<int> ask(int question) {
    const auto caller = clients().caller();
    const auto answer = co_await caller.invoke<int>("Ask", question);
    co_return answer + 1;
  }

  /// What nobody can know the answer to.
  task<int> act(int choice) {
    auto choices = world_->random_for(static_cast<std::uint64_t>(choice) + 77'000'000);
    const auto acts = 1 + choices.below(6);
    for (std::size_t i = 0; i < acts; ++i) {
      switch (choices.below(9)) {
        case 0: context().abort(); break;
        case 1: clients().others().send("Message", std::string(choices.below(3000), 'o')); break;
        case 2: {
          auto sending = clients().all().send("Message", std::string(choices.below(3000), 'a'));
          co_await sending;
          break;
        }
        case 3: {
          auto pause = delay(std::chrono::milliseconds(choices.below(1000)));
          co_await pause;
          break;
        }
        case 4: groups().add_to_group(context().connection_id(), "acting"); break;
        case 5: keep_caller(choices); break;
        case 6: {
          const auto caller = clients().caller();
          co_await caller.invoke<int>("Ask", 1);
          break;
        }
        case 7: clients().group("acting").send("Message", "acting"); break;
        default:
          if (choices.one_in(3)) throw hub_error("as it is meant to be");
          break;
      }
    }
    co_return 0;
  }

 private:
  /// A proxy may be kept beyond the call, and used elsewhere.
  void keep_caller(random& choices) {
    world_->elsewhere(choices.between(0, 500 * millisecond),
                      [in = world_, kept = clients().caller(), asks = choices.one_in(2)] {
                        kept.send("Message", "from elsewhere");
                        if (asks) spawn(in->background(), ask_later(kept));
                      });
  }
  static task<void> ask_later(signalr::single_client_proxy kept) {
    try {
      co_await kept.invoke<int>("Ask", 2);
    } catch (const std::exception&) {
      // The client may have gone.
    }
  }

  world* world_;
};

}  // namespace

void map_hubs(web_application& application, world& in, random choices) {
  auto configure = [choices](signalr::hub_endpoint_options& options) mutable {
    options.hub.keep_alive_interval = std::chrono::seconds(5);
    options.hub.client_timeout_interval = std::chrono::seconds(15);
    options.hub.handshake_timeout = std::chrono::seconds(8);
    options.hub.maximum_parallel_invocations_per_client =
        static_cast<std::size_t>(choices.one_of(1, 4));
    options.connection.send_buffer_limit = 64 * 1024;
    options.connection.transport_max_buffer_size = 16 * 1024;
    options.connection.application_max_buffer_size = 16 * 1024;
    options.connection.poll_timeout = std::chrono::seconds(10);
    using policy = signalr::overflow_policy;
    options.connection.overflow_policy = choices.one_in(2) ? policy::disconnect : policy::wait;
  };
  application.add(signalr::map_hub<simulated_hub>("/hub", std::move(configure), &in));
}

}  // namespace saker::simulation
