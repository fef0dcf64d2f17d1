#include <saker/saker.hpp>

#include <memory>
#include <mutex>
#include <string>

// What controllers share is guarded: handlers run on several threads.
class counter {
 public:
  int increment() {
    std::scoped_lock lock(mutex_);
    return ++value_;
  }

 private:
  std::mutex mutex_;
  int value_ = 0;
};

class visits : public saker::controller {
 public:
  explicit visits(std::shared_ptr<counter> shared) : counter_(std::move(shared)) {}

  saker::task<void> add() {
    return response().send(std::to_string(counter_->increment()), "text/plain");
  }

  static void define(saker::controller_routes<visits>& routes) {
    routes.post("/visits", &visits::add);
  }

 private:
  std::shared_ptr<counter> counter_;
};

int main(int argc, char** argv) {
  saker::web_application app(argc, argv);
  app.map_controllers<visits>(std::make_shared<counter>());
  return app.run();
}
