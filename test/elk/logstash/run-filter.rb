# Runs a Logstash ruby filter script without Logstash, on the same JRuby. Implements the part of the event interface
# that the script uses. Runs the script's own tests as Logstash does: each test has its own context.
# usage: run-filter.rb test <script> …   writes one JSON line per expectation: {"script","test","expect","passed"}
#        run-filter.rb filter <script>   reads one JSON event per line, writes {"event","id"} per remaining event
require "json"

class Event
  attr_reader :metadata

  def initialize(fields)
    @fields = JSON.parse(JSON.generate(fields))
    @metadata = {}
  end

  def get(reference)
    path(reference).reduce(root(reference)) { |value, key| value.is_a?(Hash) ? value[key] : nil }
  end

  def set(reference, value)
    *parents, last = path(reference)
    parents.reduce(root(reference)) { |hash, key| hash[key] ||= {} }[last] = value
  end

  def remove(reference)
    *parents, last = path(reference)
    parents.reduce(root(reference)) { |hash, key| hash[key] || {} }.delete(last)
  end

  def tag(name)
    @fields["tags"] = [*@fields["tags"], name].uniq
  end

  def to_hash
    JSON.parse(JSON.generate(@fields))
  end

  private

  def root(reference)
    reference.start_with?("[@metadata]") ? @metadata : @fields
  end

  def path(reference)
    keys = reference.start_with?("[") ? reference.scan(/\[([^\]]+)\]/).flatten : [reference]
    keys.first == "@metadata" ? keys.drop(1) : keys
  end
end

class TestCase
  attr_reader :expectations

  def initialize = @expectations = []
  def in_event(&block) = @event = block.call
  def expect(name, &block) = @expectations << [name, block]
  def events(context) = context.filter(Event.new(@event))
end

def context(script, &on_test)
  object = Object.new
  object.define_singleton_method(:test) { |name, &block| on_test&.call(name, block) }
  object.instance_eval(File.read(script, encoding: "UTF-8"), script, 1)
  object
end

def run_tests(script)
  context(script) do |name, block|
    test_case = TestCase.new
    test_case.instance_eval(&block)
    events = test_case.events(context(script))
    test_case.expectations.each do |expect, check|
      puts JSON.generate(script: script, test: name, expect: expect, passed: !!check.call(events))
    end
  end
end

def run_filter(script)
  filter = context(script)
  filter.register({})
  $stdin.set_encoding("UTF-8").each_line do |line|
    filter.filter(Event.new(JSON.parse(line))).each do |event|
      puts JSON.generate(event: event.to_hash, id: event.metadata["_id"])
    end
  end
end

mode, *scripts = ARGV
mode == "test" ? scripts.each { |script| run_tests(script) } : run_filter(scripts.first)
