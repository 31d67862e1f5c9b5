using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using McpActors;
using McpActors.Hosting;

namespace EmbeddingService;

/// <summary>Asks which of these cities will be the warmest.</summary>
internal sealed record WarmestQuestion(IReadOnlyList<string> Cities);

/// <summary>The warmest city; null without any forecast. <see cref="Missing"/> has the reason for each forecast that failed.</summary>
internal sealed record WarmestAnswer(string? City, double? Celsius, IReadOnlyList<string> Missing);

/// <summary>
/// Asks the pool for all cities at once: one <see cref="Execute"/> for each city, with one reply, <see cref="CallCompleted"/> or
/// <see cref="CallFailed"/>. The pool answers every call within its time limit, so this actor needs no timer.
/// </summary>
internal sealed class WarmestActor : ReceiveActor
{
    public WarmestActor(IRequiredActor<PoolActorKey> pool)
    {
        // An actor for each question keeps its sender and the replies so far.
        Receive<WarmestQuestion>(question => Context.ActorOf(Props.Create(() => new OneQuestion(question, pool.ActorRef, Sender))));
    }

    private sealed class OneQuestion : ReceiveActor
    {
        private readonly List<(string City, double Celsius)> _forecasts = [];
        private readonly List<string> _missing = [];
        private readonly int _asked;
        private readonly IActorRef _asker;

        public OneQuestion(WarmestQuestion question, IActorRef pool, IActorRef asker)
        {
            _asked = question.Cities.Count;
            _asker = asker;
            // Replies come in any order; the forecast names its city. A CallId would also identify them.
            Receive<CallCompleted>(Add);
            Receive<CallFailed>(failed => AddMissing(failed.Error.Message));
            foreach (var city in question.Cities)
                pool.Tell(new Execute("forecast", JsonSerializer.SerializeToElement(new { city })));
        }

        private void Add(CallCompleted result)
        {
            _forecasts.Add((Forecast.CityOf(result), Forecast.CelsiusOf(result)));
            AnswerWhenComplete();
        }

        private void AddMissing(string reason)
        {
            _missing.Add(reason);
            AnswerWhenComplete();
        }

        private void AnswerWhenComplete()
        {
            if (_forecasts.Count + _missing.Count < _asked)
                return;

            (string City, double Celsius)? warmest = _forecasts.Count == 0 ? null : _forecasts.MaxBy(forecast => forecast.Celsius);
            _asker.Tell(new WarmestAnswer(warmest?.City, warmest?.Celsius, _missing));
            Context.Stop(Self);
        }
    }
}
