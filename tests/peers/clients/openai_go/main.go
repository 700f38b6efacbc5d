// The official client for Go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

var (
	baseURL, apiKey, model = os.Args[1], os.Args[2], os.Args[3]
	background             = context.Background()
	client                 = connect(apiKey, 2)
	chat                   = client.Chat.Completions
	person                 = schema("person", object{"name": object{"type": "string"}, "age": object{"type": "integer"}})
	weather                = openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
		Name: "get_weather", Description: openai.String("The weather."), Strict: openai.Bool(true),
		Parameters: closed(object{"city": object{"type": "string"}}),
	})
)

type object = map[string]any

// A check returns what the client got.
type check struct {
	name string
	run  func() (any, error)
}

var checks = []check{
	{"answer", func() (any, error) {
		whole, err := chat.New(background, ask("Say hello"))
		return []any{text(whole), finish(whole), total(whole)}, err
	}},
	{"stream", func() (any, error) {
		params := ask("Say hello")
		params.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
		whole, chunks, err := collect(background, params, nil)
		return []any{text(whole), finish(whole), total(whole), chunks}, err
	}},
	{"two choices", func() (any, error) {
		params := ask("Say hello twice")
		params.N = openai.Int(2)
		whole, err := chat.New(background, params)
		return texts(whole), err
	}},
	{"two choices in a stream", func() (any, error) {
		params := ask("Say hello twice")
		params.N = openai.Int(2)
		whole, _, err := collect(background, params, nil)
		return texts(whole), err
	}},
	{"log-probabilities", func() (any, error) {
		params := ask("Say it likely")
		params.Logprobs, params.TopLogprobs = openai.Bool(true), openai.Int(2)
		whole, err := chat.New(background, params)
		if err != nil {
			return nil, err
		}
		return len(whole.Choices[0].Logprobs.Content), nil
	}},
	{"parse", func() (any, error) {
		params := ask("Who?")
		params.ResponseFormat, params.MaxTokens = person, openai.Int(60)
		whole, err := chat.New(background, params)
		return parsed(text(whole)), err
	}},
	{"parse a stream", func() (any, error) {
		params := ask("Who?")
		params.ResponseFormat, params.MaxTokens = person, openai.Int(60)
		whole, _, err := collect(background, params, nil)
		return parsed(text(whole)), err
	}},
	{"refusal", func() (any, error) {
		params := ask("Who?")
		params.Model = "prude"
		whole, _, err := collect(background, params, nil)
		return whole.Choices[0].Message.Refusal, err
	}},
	{"tool loop", func() (any, error) { return toolLoop(false) }},
	{"tool loop in a stream", func() (any, error) { return toolLoop(true) }},
	{"parallel tools in a stream", func() (any, error) {
		params := ask("both: Paris and Oslo")
		params.Tools = []openai.ChatCompletionToolUnionParam{weather}
		whole, _, err := collect(background, params, nil)
		return []any{arguments(whole), finish(whole)}, err
	}},
	{"stored completions", storedCompletions},
	{"retries", func() (any, error) {
		params := ask("Say hello")
		params.Model = "busy-then-well"
		whole, err := chat.New(background, params)
		return text(whole), err
	}},
	{"429", func() (any, error) { return refused(client, "busy", 0) }},
	{"400", func() (any, error) { return refused(client, model, 3) }},
	{"401", func() (any, error) { return refused(connect("no-such-key", 0), model, 0) }},
	{"abort", func() (any, error) {
		ctx, stop := context.WithCancel(background)
		params := ask("Say it slowly")
		params.Model = "slow"
		_, _, err := collect(ctx, params, func(openai.ChatCompletionChunk) { stop() })
		if !errors.Is(err, context.Canceled) {
			return nil, fmt.Errorf("the stream ended with %v", err)
		}
		whole, err := chat.New(background, ask("And now?"))
		return finish(whole), err
	}},
	{"a cut connection", func() (any, error) {
		params := ask("Say hello")
		params.Model = "cut"
		if _, _, err := collect(background, params, nil); err == nil {
			return nil, errors.New("the stream has ended without an error")
		}
		return nil, nil
	}},
	{"an error in mid-stream", func() (any, error) {
		params := ask("Say hello")
		params.Model = "broken"
		whole, _, err := collect(background, params, nil)
		if err == nil {
			return nil, errors.New("the stream has ended without an error")
		}
		return []any{text(whole), strings.Contains(err.Error(), "It broke.")}, nil
	}},
	{"models", func() (any, error) {
		var ids []string
		pages := client.Models.ListAutoPaging(background)
		for pages.Next() {
			ids = append(ids, pages.Current().ID)
		}
		return ids, pages.Err()
	}},
}

func main() {
	var wanted []string
	if len(os.Args) > 4 {
		wanted = strings.Split(os.Args[4], ",")
	}
	for _, check := range checks {
		if wanted == nil || slices.Contains(wanted, check.name) {
			print(check)
		}
	}
}

// print runs a check, and prints a line of JSON.
func print(check check) {
	line := object{"check": check.name}
	defer func() {
		if problem := recover(); problem != nil {
			line["failed"] = fmt.Sprint(problem)
		}
		json.NewEncoder(os.Stdout).Encode(line)
	}()
	got, err := check.run()
	if err != nil {
		line["failed"] = err.Error()
		return
	}
	line["got"] = got
}

func toolLoop(stream bool) (any, error) {
	params := ask("the weather in Paris")
	params.Tools = []openai.ChatCompletionToolUnionParam{weather}
	next := func() (*openai.ChatCompletion, error) {
		if !stream {
			return chat.New(background, params)
		}
		whole, _, err := collect(background, params, nil)
		return whole, err
	}
	first, err := next()
	if err != nil {
		return nil, err
	}
	message := first.Choices[0].Message
	params.Messages = append(params.Messages, message.ToParam(), openai.ToolMessage("sunny", message.ToolCalls[0].ID))
	last, err := next()
	return []any{arguments(first), text(last)}, err
}

func storedCompletions() (any, error) {
	var ids []string
	for number := range 5 {
		params := ask(fmt.Sprintf("Keep %d", number))
		params.Store = openai.Bool(true)
		params.Metadata = openai.Metadata{"run": "go", "number": fmt.Sprint(number)}
		whole, err := chat.New(background, params)
		if err != nil {
			return nil, err
		}
		ids = append(ids, whole.ID)
	}
	list := func(limit int64, order openai.ChatCompletionListParamsOrder) []string {
		var found []string
		query := openai.ChatCompletionListParams{Metadata: openai.Metadata{"run": "go"}, Limit: openai.Int(limit), Order: order}
		// Iterating asks for the next pages.
		pages := chat.ListAutoPaging(background, query)
		for pages.Next() {
			found = append(found, pages.Current().ID)
		}
		ensure(pages.Err() == nil, "the list ended with %v", pages.Err())
		return found
	}
	ensure(slices.Equal(list(2, openai.ChatCompletionListParamsOrderAsc), ids), "the oldest do not come first")
	reversed := slices.Clone(ids)
	slices.Reverse(reversed)
	ensure(slices.Equal(list(3, openai.ChatCompletionListParamsOrderDesc), reversed), "the newest do not come first")
	update := openai.ChatCompletionUpdateParams{Metadata: openai.Metadata{"run": "other"}}
	updated, err := chat.Update(background, ids[0], update)
	if err != nil {
		return nil, err
	}
	var contents []string
	query := openai.ChatCompletionMessageListParams{Limit: openai.Int(1)}
	messages := chat.Messages.ListAutoPaging(background, ids[1], query)
	for messages.Next() {
		contents = append(contents, messages.Current().Content)
	}
	deleted, err := chat.Delete(background, ids[1])
	if err != nil {
		return nil, err
	}
	_, err = chat.Get(background, ids[1])
	var gone *openai.Error
	ensure(errors.As(err, &gone) && gone.StatusCode == 404, "a deleted completion gave %v", err)
	return []any{contents, updated.Metadata, deleted.Deleted}, messages.Err()
}

// refused returns the typed error of a request.
func refused(client openai.Client, model string, temperature float64) (any, error) {
	params := ask("Say hello")
	params.Model, params.Temperature = model, openai.Float(temperature)
	_, err := client.Chat.Completions.New(background, params)
	var typed *openai.Error
	if !errors.As(err, &typed) {
		return nil, fmt.Errorf("no typed error came, but %v", err)
	}
	return []any{typed.StatusCode, typed.Message, typed.Param, typed.Type, typed.Code}, nil
}

func connect(key string, retries int) openai.Client {
	return openai.NewClient(option.WithBaseURL(baseURL), option.WithAPIKey(key), option.WithMaxRetries(retries),
		option.WithRequestTimeout(20*time.Second))
}

func ask(content string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(content)},
		Temperature: openai.Float(0),
	}
}

// collect adds up a stream, and counts its chunks.
func collect(
	ctx context.Context, params openai.ChatCompletionNewParams, each func(openai.ChatCompletionChunk),
) (*openai.ChatCompletion, int, error) {
	stream, sum, count := chat.NewStreaming(ctx, params), openai.ChatCompletionAccumulator{}, 0
	defer stream.Close()
	for stream.Next() {
		count++
		ensure(sum.AddChunk(stream.Current()), "the helper takes no chunk %v", stream.Current().RawJSON())
		if each != nil {
			each(stream.Current())
		}
	}
	return &sum.ChatCompletion, count, stream.Err()
}

func schema(name string, properties object) openai.ChatCompletionNewParamsResponseFormatUnion {
	definition := openai.ResponseFormatJSONSchemaJSONSchemaParam{Name: name, Schema: closed(properties), Strict: openai.Bool(true)}
	format := openai.ResponseFormatJSONSchemaParam{JSONSchema: definition}
	return openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &format}
}

// closed is the schema of an object that has these properties and no others.
func closed(properties object) object {
	names := []string{}
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return object{"type": "object", "properties": properties, "required": names, "additionalProperties": false}
}

func text(whole *openai.ChatCompletion) string {
	if whole == nil {
		return ""
	}
	return strings.TrimSpace(whole.Choices[0].Message.Content)
}

func texts(whole *openai.ChatCompletion) []string {
	var found []string
	for _, choice := range whole.Choices {
		found = append(found, strings.TrimSpace(choice.Message.Content))
	}
	return found
}

func finish(whole *openai.ChatCompletion) string {
	if whole == nil {
		return ""
	}
	return whole.Choices[0].FinishReason
}

func total(whole *openai.ChatCompletion) int64 {
	if whole == nil {
		return 0
	}
	return whole.Usage.TotalTokens
}

func arguments(whole *openai.ChatCompletion) []any {
	var found []any
	for _, call := range whole.Choices[0].Message.ToolCalls {
		found = append(found, parsed(call.Function.Arguments))
	}
	return found
}

func parsed(text string) any {
	var value any
	ensure(json.Unmarshal([]byte(text), &value) == nil, "%q is not JSON", text)
	return value
}

func ensure(holds bool, format string, values ...any) {
	if !holds {
		panic(fmt.Sprintf(format, values...))
	}
}
