#include <saker/http/pipeline/service_collection.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace saker {
namespace {

struct greeter {
  virtual ~greeter() = default;
  virtual std::string greet() const = 0;
};

struct polite_greeter final : greeter {
  std::string greet() const override { return "Good morning"; }
};

struct counter {
  int value = 0;
};

/// Appends to what several of them share when it is started, stopped and destroyed.
struct recorder final : hosted_service {
  recorder(std::string by, std::vector<std::string>& into) : name(std::move(by)), events(into) {}
  ~recorder() override { events.push_back(name + " gone"); }
  void start() override {
    if (name == "bad") throw std::runtime_error("bad");
    events.push_back(name + " starts");
  }
  void stop() override { events.push_back(name + " stops"); }
  std::string name;
  std::vector<std::string>& events;
};

using texts = std::vector<std::string>;

TEST(service_collection, finds_services_by_their_types) {
  service_collection services;
  EXPECT_EQ(services.find<counter>(), nullptr);
  services.add(std::make_shared<counter>()).value = 3;
  services.add<greeter>(std::make_shared<polite_greeter>());
  EXPECT_EQ(services.find<counter>()->value, 3);
  EXPECT_EQ(services.get<greeter>().greet(), "Good morning");
  EXPECT_EQ(services.find<polite_greeter>(), nullptr);
}

TEST(service_collection, adds_what_is_missing_once) {
  service_collection services;
  services.get_or_add<counter>().value = 1;
  EXPECT_EQ(services.get_or_add<counter>().value, 1);
}

TEST(service_collection, names_the_type_in_its_errors) {
  service_collection services;
  const auto text_of = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const std::exception& error) {
      return error.what();
    }
    return "nothing";
  };
  EXPECT_EQ(text_of([&] { services.get<std::string>(); }),
            "There is no service of type std::string.");
  services.add(std::make_shared<std::string>());
  EXPECT_EQ(text_of([&] { services.add(std::make_shared<std::string>()); }),
            "There is a service of type std::string already.");
  EXPECT_THROW(services.get<counter>(), std::logic_error);
  EXPECT_THROW(services.add(std::shared_ptr<counter>()), std::invalid_argument);
  EXPECT_THROW(services.add_hosted_service(nullptr), std::invalid_argument);
  EXPECT_EQ(services.find<counter>(), nullptr);
}

TEST(service_collection, lets_go_of_the_last_first) {
  struct one final {
    explicit one(texts& into) : kept("one", into) {}
    recorder kept;
  };
  struct two final {
    explicit two(texts& into) : kept("two", into) {}
    recorder kept;
  };
  texts events;
  {
    service_collection services;
    services.add(std::make_shared<one>(events));
    services.add(std::make_shared<two>(events));
  }
  EXPECT_EQ(events, (texts{"two gone", "one gone"}));
}

TEST(service_collection, starts_hosted_services_in_order_and_stops_them_in_reverse) {
  texts events;
  service_collection services;
  services.add_hosted_service(std::make_shared<recorder>("one", events));
  services.add_hosted_service(std::make_shared<recorder>("two", events));
  services.stop_hosted_services();
  services.start_hosted_services();
  services.stop_hosted_services();
  services.stop_hosted_services();
  EXPECT_EQ(events, (texts{"one starts", "two starts", "two stops", "one stops"}));
}

TEST(service_collection, stops_those_that_have_started_when_one_cannot_start) {
  texts events;
  service_collection services;
  for (const auto* name : {"one", "bad", "three"}) {
    services.add_hosted_service(std::make_shared<recorder>(name, events));
  }
  EXPECT_THROW(services.start_hosted_services(), std::runtime_error);
  services.stop_hosted_services();
  EXPECT_EQ(events, (texts{"one starts", "one stops"}));
}

}  // namespace
}  // namespace saker
