import type { OperationFacts } from "./description.ts"
import { fields, type Fields, type Follow } from "./document.ts"
import { formStyles } from "./value-styles.ts"

const FORM = "application/x-www-form-urlencoded"

/** Whether a media type holds JSON (RFC 6839). */
export function isJson(type: string): boolean {
  return /^(?:application|text)\/json\b|^[^;]+\+json\b/i.test(type)
}

/** How a body is sent, where that is not as usual: JSON as application/json, forms urlencoded. */
export function bodyFacts(requestBody: Fields, follow: Follow): OperationFacts {
  const content = fields(requestBody["content"])
  const types = Object.keys(content)
  const json = types.filter(isJson)
  const others = types.filter((type) => !isJson(type) && !isForm(type))
  const [form] = types.filter((type) => type.startsWith(FORM))
  const lists = form === undefined ? undefined : formStyles(fields(content[form]), follow)
  const [firstJson] = json
  const [onlyOther, ...moreOthers] = others
  return {
    ...(firstJson === undefined || firstJson.includes("*") || json.some((type) => type.startsWith("application/json"))
      ? {}
      : { json: firstJson }),
    ...(form === undefined && types.some(isForm) ? { form: "multipart/form-data" } : {}),
    ...(onlyOther === undefined || moreOthers.length > 0 || onlyOther.includes("*") ? {} : { body: onlyOther }),
    ...(lists === undefined ? {} : { formStyles: lists }),
  }
}

function isForm(type: string): boolean {
  return type.startsWith(FORM) || type.startsWith("multipart/form-data")
}
